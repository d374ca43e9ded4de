"""A report as one CSV: a measure a line, nothing where it was not measured (reference 6)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from recipients.csv_lines import csv_table

COLUMNS: Final = ("kind", "name", "measure", "value")
# Of each list of the report: what names its lines, and what it measures.
_LISTS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "bounces": ("bounce", "name", ("count",)),
    "links": ("link", "url", ("clicks", "unique_clicks")),
    "domains": ("domain", "domain", ("size", "delivered", "bounced", "unique_views", "unique_clicks")),
    "devices": ("device", "kind", ("views", "unique_views")),
    "timeline": ("hour", "hour", ("sent", "views", "clicks")),
}


def report_csv(document: Mapping[str, Any]) -> str:
    """Return a report of `deliveries.statistics.report` as the text of a file, with the mark of UTF-8."""
    return "".join(csv_table(COLUMNS, _rows(document), mark=True))


def _rows(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, number in document["figures"].items():
        yield _row("figure", name, "count", number)
    for name, rate in document["rates"].items():
        yield _row("rate", name, "fraction", None if rate is None else f"{rate:.6f}")
    for list_name, (kind, naming, measures) in _LISTS.items():
        for line in document[list_name]:
            for measure in measures:
                yield _row(kind, line[naming] or "", measure, line[measure])


def _row(kind: str, name: str, measure: str, value: object) -> dict[str, str]:
    return {"kind": kind, "name": name, "measure": measure, "value": "" if value is None else str(value)}
