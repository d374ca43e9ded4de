"""Rows as a spreadsheet's file: written a row at a time, never whole in memory."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Final

from recipients.csv_lines import harmless

MOST_ROWS: Final = 1_048_576  # of a sheet, the head among them
_NO_NAME: Final = dict.fromkeys(map(ord, "[]:*?/\\"), "_")
_LONGEST_NAME: Final = 31  # Excel's own bound

Rows = Iterable[Sequence[Any]]


def write_workbook(file: BinaryIO, sheets: Iterable[tuple[str, Rows]]) -> None:
    """Write the sheets, each a name and its rows with the head first; rows beyond what one holds are left out.

    Texts are made harmless: the library writes one that begins with = as a formula.
    """
    from openpyxl import Workbook  # noqa: PLC0415  8 MB in each process, and few ever write one

    book = Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name[:_LONGEST_NAME].translate(_NO_NAME) or "1")
        for number, row in enumerate(rows):
            if number == MOST_ROWS:
                break
            sheet.append([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    book.save(file)
