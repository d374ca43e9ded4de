"""Filters of the list of deliveries: by type, and from one day to another."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliveries.models import Delivery


class TypeFilter(SimpleListFilter):
    """Test deliveries are hidden until asked for."""

    title = _("type")
    parameter_name = "tests"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("normal and test")), ("only", _("test"))]

    def choices(self, changelist: Any) -> Any:
        """Name what Django calls All for what it is: tests are hidden."""
        first, *others = super().choices(changelist)
        yield {**first, "display": _("normal")}
        yield from others

    def queryset(self, _request: HttpRequest, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return of_type(rows, self.value() or "")


def of_type(rows: QuerySet[Delivery], asked: str) -> QuerySet[Delivery]:
    """Return the normal ones; "1" asks for all of them, "only" for the tests."""
    return rows if asked == "1" else rows.filter(type="test" if asked == "only" else "normal")


class _DayFilter(SimpleListFilter):
    """A day that is typed or picked; what is not a day is passed over."""

    template = "campaign/day_filter.html"
    lookup = ""

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("", "")]  # without a choice Django would leave the filter out

    def choices(self, changelist: Any) -> Any:
        kept = {name: value for name, value in changelist.params.items() if name != self.parameter_name}
        same = changelist.get_query_string({self.parameter_name: self.value() or ""})
        yield {"name": self.parameter_name, "value": self.value() or "", "kept": kept, "query_string": same}

    def day(self) -> date | None:
        try:
            return date.fromisoformat(self.value() or "")
        except ValueError:
            return None

    def queryset(self, _request: HttpRequest, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        day = self.day()
        return rows.filter(**{self.lookup: self.edge(day)}) if day else rows

    def edge(self, day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, time.min))


class CreatedFromFilter(_DayFilter):
    title = _("created from")
    parameter_name = "created_from"
    lookup = "created_at__gte"


class CreatedUntilFilter(_DayFilter):
    title = _("created until")
    parameter_name = "created_until"
    lookup = "created_at__lt"

    def edge(self, day: date) -> datetime:
        return super().edge(min(day, date.max - timedelta(days=1)) + timedelta(days=1))
