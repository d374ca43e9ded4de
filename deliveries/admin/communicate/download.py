"""The list of deliveries as a file: what the search and the filters leave, all pages of it."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries.models import Delivery
from recipients.admin.files import csv_file, spreadsheet
from recipients.in_chunks import in_chunks


def as_file(rows: Any, kind: str) -> HttpResponseBase:
    """Return the deliveries as CSV, streamed, or as XLSX."""
    found = rows.select_related("newsletter", "database", "filter")
    answer = spreadsheet([(_("Deliveries"), _sheet(found))]) if kind == "xlsx" else csv_file(_rows(found))
    answer["Content-Disposition"] = f'attachment; filename="deliveries.{kind}"'
    return answer


def _head() -> list[str]:
    return [
        _("Id"), _("Status"), _("Type"), _("Title"), _("Subject"), _("Source"), _("Newsletter"), _("Database"),
        _("Recipients"), _("Size"), _("Created"), _("Scheduled for"), _("Started"), _("Ended"), _("Why"),
    ]  # fmt: skip


def _cells(row: Delivery) -> list[Any]:
    return [
        row.pk, row.get_status_display(), row.get_type_display(), row.title, row.subject,
        row.get_source_display(), row.newsletter.name, row.database.name,
        row.filter.name if row.filter else _("all users"), row.size,
        *(_moment(at) for at in (row.created_at, row.start_at, row.started_at, row.ended_at)), row.note,
    ]  # fmt: skip


def _moment(at: Any) -> str:
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds") if at else ""


def _rows(rows: Any) -> Iterator[list[Any]]:
    yield _head()
    for row in in_chunks(rows):
        yield _cells(row)


def _sheet(rows: Any) -> Iterator[list[Any]]:
    for cells in _rows(rows):
        yield [str(cell) if not isinstance(cell, int | None) else cell for cell in cells]
