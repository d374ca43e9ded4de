"""Filters: conditions checked as they are saved, counted and previewed, archived, never cut from what uses them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.views import ChangeList

from deliveries import audience
from deliveries.admin.filters.actions import DIALOGS, picked
from deliveries.admin.filters.builder import BuilderPages, ConditionsWidget
from deliveries.admin.filters.in_words import in_words, look_up
from recipients.admin.access import (
    OPERATORS,
    OneAccountForm,
    ScopedRelatedFilter,
    is_platform,
    may_see_people,
    memberships,
)
from recipients.admin.dialogs import DialogsMixin
from recipients.errors import ClientError
from recipients.models import Filter

SHOWN = 50
_LONGEST = 160  # characters of a filter in words, in a row of the list


class FilterForm(OneAccountForm):
    """Checks the conditions against the database's fields."""

    sentences = {
        "one_filter_of_a_name": ("name", lazy("The database has a filter of this name already: choose another."))
    }

    class Meta:
        widgets = {"conditions": ConditionsWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "conditions" in self.fields:
            widget = self.fields["conditions"].widget
            widget.fixed, widget.own = self.instance.database, self.instance.pk

    def clean(self) -> dict[str, Any]:
        """Say which condition is wrong, and what to write."""
        cleaned = super().clean()
        database = cleaned.get("database") or getattr(self.instance, "database", None)
        if database is None or "conditions" not in cleaned:
            return cleaned
        try:
            audience.check_filter(
                database, cleaned.get("match", "all"), cleaned["conditions"], own=self.instance.pk
            )
        except ClientError as error:
            raise ValidationError({"conditions": error.message}, code=error.code) from error
        return cleaned


class AutomaticFilter(admin.SimpleListFilter):
    """What XML Delivery made for its lists is hidden until asked for (reference 3.3)."""

    title = lazy("made by XML Delivery")
    parameter_name = "automatic"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Return the one choice beside hiding them."""
        return [("1", lazy("shown"))]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Filter]) -> QuerySet[Filter]:
        """Return those made by hand, or all."""
        return rows if self.value() == "1" else rows.filter(automatic=False)


class FilterList(ChangeList):  # type: ignore[misc]  # Unfold ships no types
    """Reads for all rows of a page at once what their sentences name."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        known = look_up([row.database for row in self.result_list], [row.conditions for row in self.result_list])
        for row in self.result_list:
            row.known = known


@admin.register(Filter)
class FilterAdmin(DialogsMixin):
    """Saved conditions on a database."""

    nothing = lazy(
        "No filter yet: it picks people of a database by conditions. Those made by XML Delivery are hidden."
    )
    account_path = "database__account_id"
    adders = OPERATORS
    changers = OPERATORS
    form = FilterForm
    list_display = ("name", "database", "sentence", "use", "made_by", "archived_at", "created_at")
    list_filter = (
        AutomaticFilter,
        "use",
        ("database", ScopedRelatedFilter),
        ("archived_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("database",)
    search_fields = ("name",)
    fields = ("database", "name", "use", "match", "conditions")
    ordering = ("-id",)
    change_form_outer_before_template = "campaign/filter_acts.html"
    dialogs = DIALOGS

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.people_view)
        mine = [path("<path:object_id>/people/", view, name="recipients_filter_people")]
        return BuilderPages(self).urls() + mine + list(super().get_urls())

    def get_changelist(self, _request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        return FilterList

    def people_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show how many people the filter picks now, the first of them, and what uses it."""
        row: Filter = self.row_or_404(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("People whom %(name)s picks") % {"name": row.name},
            "original": row,
            "below_row": True,
        }
        people = may_see_people(request, row.database.account_id)
        return TemplateResponse(request, "campaign/filter_people.html", {**context, **picked(row, people=people)})

    @admin.display(description=lazy("whom it picks"))
    def sentence(self, row: Filter) -> str:
        """Return the conditions in words, cut where they are many; `people` was set for who reads."""
        people, known = getattr(row, "people", False), getattr(row, "known", None)
        words = in_words(row.database, row.match, row.conditions, people=people, known=known)
        return Truncator(words).chars(_LONGEST)

    @admin.display(description=lazy("made"))
    def made_by(self, row: Filter) -> str:
        return _("by XML Delivery") if row.automatic else _("by hand")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Filter]:
        """Return the filters, each with whether its values may be read: they may be a person's."""
        if is_platform(request):
            seen: Any = Value(True)
        else:
            accounts = [key for key in memberships(request) if may_see_people(request, key)]
            seen = Q(database__account_id__in=accounts)
        rows: QuerySet[Filter] = super().get_queryset(request)
        return rows.annotate(people=seen)

    def get_fields(self, request: HttpRequest, obj: Filter | None = None) -> tuple[str, ...]:
        """Show who only reads the conditions in words."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("database", "name", "use", "sentence")

    def get_readonly_fields(self, request: HttpRequest, obj: Filter | None = None) -> tuple[str, ...]:
        """Keep a filter in its database, and an automatic one as its run made it."""
        if obj is None:
            return ()
        if not self.has_change_permission(request, obj):
            return self.get_fields(request, obj)
        return ("database", "match", "conditions", "use") if obj.automatic else ("database",)
