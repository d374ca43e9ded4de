"""A report as a spreadsheet: a sheet each for figures, links, domains, bounces, devices and hours (reference 6)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.http import FileResponse
from django.utils.translation import gettext as _

from deliveries.statistics.words import FIGURES, RATES
from recipients.admin.files import spreadsheet

_SHEETS: Final[Mapping[str, tuple[str, ...]]] = {
    "links": ("id", "url", "category", "clicks", "unique_clicks"),
    "domains": ("domain", "size", "delivered", "bounced", "unique_views", "unique_clicks"),
    "bounces": ("category", "name", "hard", "count"),
    "devices": ("kind", "views", "unique_views"),
    "timeline": ("hour", "sent", "views", "clicks"),
}


def report_workbook(document: Mapping[str, Any]) -> FileResponse:
    """Return a report of `deliveries.statistics.report` as XLSX; what was not measured is an empty cell."""
    return spreadsheet(
        [(_("Figures"), _figures(document)), *((name, _list(document[name], name)) for name in _SHEETS)]
    )


def _figures(document: Mapping[str, Any]) -> Iterator[list[Any]]:
    for name, number in document["figures"].items():
        yield [str(FIGURES[name]), number]
    for name, rate in document["rates"].items():
        yield [str(RATES[name]), rate]


def _list(lines: list[Mapping[str, Any]], name: str) -> Iterator[list[Any]]:
    yield list(_SHEETS[name])
    for line in lines:
        yield [line[column] for column in _SHEETS[name]]
