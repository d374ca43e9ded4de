"""Deliveries by state, and one page for the whole life of each."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as lazy
from unfold.views import ChangeList

from deliveries.admin.deliveries import page, preview, search
from deliveries.admin.deliveries.actions import DIALOGS
from deliveries.admin.deliveries.page import UNTRIED
from deliveries.admin.deliveries.tabs import StateFilter, TestsFilter, tabs
from deliveries.admin.shell.badges import delivery_state
from deliveries.models import Delivery
from deliveries.statistics.figures import Figures, figures
from recipients.admin.access import ScopedRelatedFilter, may_see_people
from recipients.admin.badges import moment, name
from recipients.admin.dialogs import DialogsMixin


class DeliveryList(ChangeList):  # type: ignore[misc]  # Unfold ships no types
    """Reads for the rows of one page, in one go, what columns show beside the row itself."""

    def get_results(self, request: HttpRequest) -> None:
        """Hang figures and the likeliest action on each row."""
        super().get_results(request)
        started = [row.pk for row in self.result_list if row.size is not None]
        counted = figures(started) if started else {}
        for row in self.result_list:
            row.counted = counted.get(row.pk, {})
            offered = self.model_admin.dialog_links(request, row)
            row.links = [link for link in offered if link["name"] != "describe"][:1]


@admin.register(Delivery)
class DeliveryAdmin(DialogsMixin):
    """One mailing a row; its actions are those of its state (reference 5.1)."""

    list_display = (
        "shown_state",
        "named",
        "number",
        "shown_newsletter",
        "recipients",
        "created",
        "planned",
        "progress",
        "acts",
    )
    nothing = lazy("Nothing is in this state. Deliveries are made by the bundles that come to a space.")
    list_display_links = ("shown_state", "named")
    list_filter = (
        StateFilter,
        TestsFilter,
        ("newsletter", ScopedRelatedFilter),
        "source",
        ("created_at", admin.DateFieldListFilter),
        ("ended_at", admin.DateFieldListFilter),
    )
    list_select_related = ("newsletter", "filter", "account")
    list_before_template = "campaign/delivery_tabs.html"
    search_fields = search.FIELDS
    search_help_text = lazy("Title, subject, id, label, newsletter, filter or file name")
    ordering = ("-id",)
    dialogs = DIALOGS

    @admin.display(description=lazy("status"), ordering="status")
    def shown_state(self, row: Delivery) -> Any:
        """Return icon and word."""
        return delivery_state(row.status)

    @admin.display(description=lazy("id"), ordering="id")
    def number(self, row: Delivery) -> Any:
        """Return the id, which has no thousands mark, and where it comes from, the run if there is one."""
        came = row.get_source_display()
        if row.run_id is None:
            return format_html("{}<br><small>{}</small>", str(row.pk), came)
        run = reverse("admin:deliveries_processingrun_change", args=[row.run_id])
        return format_html('{}<br><small><a class="xd-link" href="{}">{}</a></small>', str(row.pk), run, came)

    @admin.display(description=lazy("title"), ordering="title")
    def named(self, row: Delivery) -> Any:
        """Return title and subject, long ones whole but wrapped."""
        return format_html('<span class="xd-long">{}<br><small>{}</small></span>', row.title, row.subject)

    @admin.display(description=lazy("newsletter"), ordering="newsletter__name")
    def shown_newsletter(self, row: Delivery) -> Any:
        """Return the newsletter's name."""
        return name(row.newsletter.name)

    @admin.display(description=lazy("recipients"))
    def recipients(self, row: Delivery) -> Any:
        """Return the filter's name, or all users."""
        return name(row.filter.name) if row.filter else lazy("all users")

    @admin.display(description=lazy("created"), ordering="created_at")
    def created(self, row: Delivery) -> Any:
        """Return when it was made."""
        return moment(row.created_at)

    @admin.display(description=lazy("scheduled for"), ordering="start_at")
    def planned(self, row: Delivery) -> Any:
        """Return when it starts, or was to start."""
        return moment(row.start_at)

    @admin.display(description=lazy("progress"))
    def progress(self, row: Delivery) -> Any:
        """Return how many of how many, for what has started."""
        if row.size is None:
            return "—"
        counted: Figures = row.counted  # type: ignore[attr-defined]  # DeliveryList
        tried = row.size - sum(counted.get(name) or 0 for name in UNTRIED)
        return f"{formats.number_format(tried)} / {formats.number_format(row.size)}"

    @admin.display(description=lazy("actions"))
    def acts(self, row: Delivery) -> Any:
        """Return the likeliest action of the row's state."""
        links = row.links  # type: ignore[attr-defined]  # DeliveryList
        return render_to_string("campaign/acts.html", {"links": links, "small": True}) if links else ""

    def get_changelist(self, _request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        """Return the list that knows figures."""
        return DeliveryList

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  the admin's signature
        queryset: Any,
        search_term: str,
    ) -> tuple[Any, bool]:
        """Return what was searched for, each once."""
        return search.search(queryset, search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Hand the page its tabs with counts."""
        extra = {**(extra_context or {}), "delivery_tabs": tabs(request, self.get_queryset(request))}
        return super().changelist_view(request, extra)  # type: ignore[no-any-return]  # Unfold ships no types

    def get_urls(self) -> list[URLPattern]:
        """Add the live part and the message's preview."""
        wrap = self.admin_site.admin_view
        mine = [
            path("<path:object_id>/live/", wrap(self.live), name="deliveries_delivery_live"),
            path("<path:object_id>/preview/", wrap(self.preview_view), name="deliveries_delivery_preview"),
        ]
        return mine + list(super().get_urls())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  the admin's signature
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show the delivery; what may be done with it is a dialog."""
        row = self._readable(request, object_id)
        facts = page.facts(row, request.GET, people=may_see_people(request, row.account_id))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.title,
            "original": row,
            "links": self.dialog_links(request, row),
            **facts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "campaign/delivery.html", context)

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the part of the page that changes while it goes out."""
        row = self._readable(request, object_id)
        return TemplateResponse(request, "campaign/delivery_live.html", page.progress(row))

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the HTML of the message as a page of its own, sandboxed."""
        row = self._readable(request, object_id)
        if not may_see_people(request, row.account_id):
            raise PermissionDenied
        return preview.html_page(row, request.GET.get("recipient", ""), images=request.GET.get("images") == "1")

    def _readable(self, request: HttpRequest, object_id: str) -> Delivery:
        row: Delivery = self.row_or_404(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row
