"""The list of deliveries as a file: what the search and the filters leave, all pages of it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from deliveries.models import Delivery
from deliveries.statistics.figures import figures, rates
from deliveries.statistics.words import FIGURES, RATES
from recipients.admin.files import csv_file, spreadsheet
from recipients.in_chunks import in_chunks

_COUNTED_AT_ONCE: Final = 500  # deliveries whose figures are read together
_FIGURES: Final = tuple(name for name in FIGURES if name != "size")  # which each list has


def as_file(rows: Any, kind: str, *, received: bool) -> HttpResponseBase:
    """Return the deliveries as CSV, streamed, or as XLSX; `received` adds how each was, as the Archive shows it."""
    found = _rows(rows.select_related("newsletter", "database", "filter"), received=received)
    answer = spreadsheet([(_("Deliveries"), _sheet(found))]) if kind == "xlsx" else csv_file(found)
    answer["Content-Disposition"] = f'attachment; filename="deliveries.{kind}"'
    return answer


def _head() -> list[str]:
    moments = [_("Created"), _("Scheduled for"), _("Started"), _("Ended")]
    return [
        _("Id"), _("Status"), _("Type"), _("Title"), _("Subject"), _("Source"), _("Newsletter"), _("Database"),
        _("Recipients"), _("Size"), *(head for name in moments for head in (name, f"{name} (UTC)")), _("Why"),
    ]  # fmt: skip


def _cells(row: Delivery) -> list[Any]:
    moments = (row.created_at, row.start_at, row.started_at, row.ended_at)
    return [
        row.pk, row.get_status_display(), row.get_type_display(), row.title, row.subject,
        row.get_source_display(), row.newsletter.name, row.database.name,
        row.filter.name if row.filter else _("all users"), row.size,
        *(cell for at in moments for cell in _moment(at)), row.note,
    ]  # fmt: skip


def _moment(at: datetime | None) -> tuple[str, str]:
    """Return a moment as the reader's clock had it, and as all clocks have it."""
    if at is None:
        return "", ""
    return _written(timezone.localtime(at)), _written(at.astimezone(UTC))


def _written(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")


def _rows(rows: Any, *, received: bool) -> Iterator[list[Any]]:
    told = [*(FIGURES[name] for name in _FIGURES), *RATES.values()] if received else []
    yield [*_head(), *(capfirst(str(name)) for name in told)]
    if received:
        yield from _with_figures(in_chunks(rows))
    else:
        yield from map(_cells, in_chunks(rows))


def _with_figures(rows: Iterable[Delivery]) -> Iterator[list[Any]]:
    """Yield each with its figures and rates (fractions); what was not measured is an empty cell."""
    left = iter(rows)
    while some := list(islice(left, _COUNTED_AT_ONCE)):
        counted = figures([row.pk for row in some])
        for row in some:
            mine = counted.get(row.pk, {})
            shares = rates(mine).values() if mine else [None] * len(RATES)
            shown = (None if share is None else round(share, 6) for share in shares)
            yield [*_cells(row), *(mine.get(name) for name in _FIGURES), *shown]


def _sheet(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    for cells in rows:
        yield [cell if isinstance(cell, int | float | None) else str(cell) for cell in cells]
