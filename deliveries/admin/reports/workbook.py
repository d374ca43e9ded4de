"""A report as a spreadsheet: a sheet each for figures, links, domains, bounces, devices and hours (reference 6)."""

import io
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook

from deliveries.statistics.words import FIGURES, RATES
from recipients.loading.fault_file import harmless

KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEETS: Final[Mapping[str, tuple[str, ...]]] = {
    "links": ("id", "url", "category", "clicks", "unique_clicks"),
    "domains": ("domain", "size", "delivered", "bounced", "unique_views", "unique_clicks"),
    "bounces": ("category", "name", "hard", "count"),
    "devices": ("kind", "views", "unique_views"),
    "timeline": ("hour", "sent", "views", "clicks"),
}


def report_workbook(document: Mapping[str, Any]) -> HttpResponse:
    """Return a report of `deliveries.statistics.report` as XLSX; what was not measured is an empty cell."""
    book = Workbook(write_only=True)
    first = book.create_sheet(_("Figures"))
    for name, number in document["figures"].items():
        first.append([str(FIGURES[name]), number])
    for name, rate in document["rates"].items():
        first.append([str(RATES[name]), rate])
    for list_name, columns in _SHEETS.items():
        sheet = book.create_sheet(list_name)
        sheet.append(list(columns))
        for line in document[list_name]:
            sheet.append([_cell(line[column]) for column in columns])
    file = io.BytesIO()
    book.save(file)
    return HttpResponse(file.getvalue(), content_type=KIND)


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value
