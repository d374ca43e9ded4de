"""The bad rows as a CSV: `rows.<xml file name>.csv` on the space, and the admin's download (reference 3.2)."""

from collections.abc import Iterable, Iterator
from typing import Final

from recipients.csv_lines import csv_lines
from recipients.errors import RowFault

_HEADER: Final = ("file", "line", "column", "code", "reason", "excerpt")


def fault_lines(faults: Iterable[tuple[str, RowFault]]) -> Iterator[str]:
    """Yield (file name, fault) pairs as lines of a CSV with a byte order mark, safe to open in a spreadsheet.

    Sentences are in the language that is active.
    """
    return csv_lines(_rows(faults), mark=True)


def _rows(faults: Iterable[tuple[str, RowFault]]) -> Iterator[tuple[object, ...]]:
    yield _HEADER
    for file, fault in faults:
        yield file, fault.line, fault.column, fault.code, fault.reason, fault.excerpt
