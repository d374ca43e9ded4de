"""A report as a spreadsheet: a sheet each for figures, links, domains, bounces, devices and hours (reference 6)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

from deliveries.admin.reports.tab import DEVICES
from deliveries.refusals import Category
from deliveries.statistics.words import BOUNCES, FIGURES, RATES
from recipients.admin.files import spreadsheet

# By the name that the report gives each list: what its sheet is called, and each column. People read a spreadsheet;
# the CSV, which programs read, keeps the report's own names.
_SHEETS: Final[Mapping[str, tuple[StrOrPromise, Mapping[str, StrOrPromise]]]] = {
    "links": (
        lazy("Links"),
        {
            "id": lazy("Id"),
            "url": lazy("Address"),
            "category": lazy("Category"),
            "clicks": lazy("Clicks"),
            "unique_clicks": lazy("Unique clicks"),
        },
    ),
    "domains": (
        lazy("Domains"),
        {
            "domain": lazy("Domain"),
            "size": lazy("Size"),
            "delivered": lazy("Delivered"),
            "bounced": lazy("Bounced"),
            "unique_views": lazy("Unique views"),
            "unique_clicks": lazy("Unique clicks"),
        },
    ),
    "bounces": (
        lazy("Bounces"),
        {"category": lazy("Category"), "name": lazy("Why"), "hard": lazy("hard"), "count": lazy("Messages")},
    ),
    "devices": (
        lazy("Devices"),
        {"kind": lazy("Device"), "views": lazy("Views"), "unique_views": lazy("Unique views")},
    ),
    "timeline": (
        lazy("Hour by hour"),
        {"hour": lazy("Hour"), "sent": lazy("Sent"), "views": lazy("Views"), "clicks": lazy("Clicks")},
    ),
}


def report_workbook(document: Mapping[str, Any]) -> FileResponse:
    """Return a report of `deliveries.statistics.report` as XLSX; what was not measured is an empty cell."""
    lists = [(str(title), _list(document[name], columns)) for name, (title, columns) in _SHEETS.items()]
    return spreadsheet([(_("Figures"), _figures(document)), *lists])


def _figures(document: Mapping[str, Any]) -> Iterator[list[Any]]:
    for name, number in document["figures"].items():
        yield [str(FIGURES[name]), number]
    for name, rate in document["rates"].items():
        yield [str(RATES[name]), rate]


def _list(lines: list[Mapping[str, Any]], columns: Mapping[str, StrOrPromise]) -> Iterator[list[Any]]:
    yield [str(words) for words in columns.values()]
    for line in lines:
        yield [_in_words(column, line) for column in columns]


def _in_words(column: str, line: Mapping[str, Any]) -> Any:
    """Return a value as the Statistics tab says it, where it is a word; numbers and moments stay what they are."""
    if column == "name":
        return str(BOUNCES[Category(line["category"])])
    return str(DEVICES[line[column]]) if column == "kind" else line[column]
