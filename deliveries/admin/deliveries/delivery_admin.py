"""Deliveries by state, and one page for the whole life of each."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.views import ChangeList

from deliveries.admin.acts import DIALOGS, by_likelihood
from deliveries.admin.communicate import bulk, failed
from deliveries.admin.communicate.columns import DeliveryColumns
from deliveries.admin.communicate.filters import CreatedFromFilter, CreatedUntilFilter, TypeFilter
from deliveries.admin.communicate.list_pages import ListPages
from deliveries.admin.communicate.paging import DeliveryPages
from deliveries.admin.communicate.rows import DeliveryList
from deliveries.admin.create.pages import CreatePages, address
from deliveries.admin.deliveries import page, preview, search
from deliveries.admin.deliveries.links import LinksPage
from deliveries.admin.deliveries.tabs import StateFilter, chosen, counts_of, nothing_in, tabs
from deliveries.admin.reports import archive, downloads
from deliveries.admin.reports.compare import ComparePage
from deliveries.admin.reports.people import PeopleOfFigure
from deliveries.admin.shell import home
from deliveries.models import Delivery, DeliveryStatus
from deliveries.models.states import EDITABLE
from recipients.admin.access import OPERATORS, ScopedRelatedFilter, may, may_see_people
from recipients.admin.dialogs import DialogsMixin


@admin.register(Delivery)
class DeliveryAdmin(DeliveryColumns, archive.ArchiveColumns, DialogsMixin):
    """One mailing a row; its actions are those of its state (reference 5.1)."""

    list_display = (
        "opened",
        "shown_state",
        "named",
        "number",
        "recipients",
        "created",
        "progress",
        "acts",
    )
    nothing = nothing_in("all")
    list_display_links = ("named",)
    list_filter = (
        StateFilter,
        TypeFilter,
        ("newsletter", ScopedRelatedFilter),
        "source",
        CreatedFromFilter,
        CreatedUntilFilter,
        ("created_at", admin.DateFieldListFilter),
        ("ended_at", admin.DateFieldListFilter),
    )
    list_select_related = ("newsletter", "filter", "account", "database")
    list_before_template = "campaign/delivery_tabs.html"
    list_after_template = "campaign/list_files.html"
    list_fullwidth = True
    search_fields = search.FIELDS
    search_help_text = lazy("Title, subject, id, label, newsletter, filter or file name")
    ordering = ("-id",)
    dialogs = DIALOGS
    actions = bulk.ACTIONS  # type: ignore[assignment]  # pages without any have None

    def dialog_links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return the buttons, the likeliest of the row's state first."""
        links = super().dialog_links(request, row)
        if row.status in EDITABLE and row.type == "normal" and may(request, row.account_id, OPERATORS):
            step, label = ("recipients", _("Go on")) if row.status == DeliveryStatus.NEW else ("message", _("Edit"))
            edit = {"name": "edit", "label": label, "icon": "edit_square", "variant": "default", "page": True}
            links.append({**edit, "url": address(row, step)})
        return by_likelihood(row, links)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show in the Archive how a delivery was received, elsewhere how far it is; actions to who may act."""
        columns = archive.COLUMNS if chosen(request) == "finished" else self.list_display
        return columns if may(request, None, OPERATORS) else columns[:-1]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer what the user may do with several rows of this tab."""
        offered = bulk.offered_in(chosen(request), may_act=may(request, None, OPERATORS))
        return {name: act for name, act in super().get_actions(request).items() if name in offered}

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Put first in the Archive what ended last."""
        return ("-ended_at",) if chosen(request) == "finished" else self.ordering

    def get_changelist(self, _request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        return DeliveryList

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, **kwargs: Any) -> DeliveryPages:
        """Return the pages; a tab that nobody searches or filters is as long as its count."""
        whole = set(request.GET) <= {"tab", "tests", "p", "o"}
        known = counts_of(request, self.get_queryset(request))[chosen(request)] if whole else None
        return DeliveryPages(queryset, per_page, known=known, **kwargs)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  the admin's signature
        queryset: Any,
        search_term: str,
    ) -> tuple[Any, bool]:
        return search.search(queryset, search_term), False

    def tabs(self, request: HttpRequest) -> list[dict[str, Any]]:
        return tabs(request, self.get_queryset(request), failed.failed_runs(request).count())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Hand the page its tabs with counts; what failed is shown together with the runs that failed."""
        extra = {**(extra_context or {}), "delivery_tabs": self.tabs(request)}
        is_failed = chosen(request) == "failed" and request.method == "GET"
        page = request.GET.get("page", "")
        if is_failed:
            request.GET = failed.without_page(request.GET)  # which the list itself doesn't know
        answer: HttpResponse = super().changelist_view(request, extra)
        if is_failed and isinstance(answer, TemplateResponse) and answer.context_data:
            listed = answer.context_data["cl"].queryset
            answer.context_data["failures"] = failed.page_of(request, self, listed, page)
            answer.template_name = "campaign/failed_list.html"
        return answer

    def get_urls(self) -> list[URLPattern]:
        """Add the live part, the message's preview, and what belongs to the list."""
        wrap = self.admin_site.admin_view
        mine = [
            path("<path:object_id>/live/", wrap(self.live), name="deliveries_delivery_live"),
            path("<path:object_id>/preview/", wrap(self.preview_view), name="deliveries_delivery_preview"),
            path("<path:object_id>/statistics/<str:what>.csv", wrap(self.file), name="deliveries_delivery_file"),
            path("<path:object_id>/report.xlsx", wrap(self.workbook), name="deliveries_delivery_workbook"),
        ]
        pages = home.urls() + CreatePages(self).urls() + ListPages(self).urls() + ComparePage(self).urls()
        pages += LinksPage(self).urls() + PeopleOfFigure(self).urls()
        return pages + mine + list(super().get_urls())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  the admin's signature
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show the delivery; what may be done with it is a dialog."""
        row = self.readable(request, object_id)
        facts = page.facts(row, request.GET, people=may_see_people(request, row.account_id))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.title,
            "original": row,
            "links": self.dialog_links(request, row),
            "may_categorise": may(request, row.account_id, OPERATORS),
            **facts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "campaign/delivery.html", context)

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the part of the page that changes while it goes out: state, actions, bar."""
        row = self.readable(request, object_id)
        facts = {**page.live(row), "links": self.dialog_links(request, row)}
        return TemplateResponse(request, "campaign/delivery_live.html", facts)

    def file(self, request: HttpRequest, object_id: str, what: str) -> HttpResponseBase:
        """Return the report, the event log, or the people behind a figure."""
        return downloads.download(request, self.readable(request, object_id), what)

    def workbook(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return downloads.workbook(request, self.readable(request, object_id))

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the HTML of the message as a page of its own, sandboxed."""
        row = self.readable(request, object_id)
        wanted = request.GET.get("recipient", "") if may_see_people(request, row.account_id) else None
        return preview.html_page(row, wanted, images=request.GET.get("images") == "1")

    def readable(self, request: HttpRequest, object_id: str) -> Delivery:
        """Return the delivery for a page that reads it."""
        row: Delivery = self.row_or_404(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row
