"""Rows as lines of a CSV that a spreadsheet may open, one at a time: no file is ever whole in memory."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

MARK: Final = "\ufeff"  # by which a spreadsheet knows UTF-8
# A spreadsheet takes a cell that begins so for a formula (OWASP ASVS 1.2.10); the last are full-width forms.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\n", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER: Final = re.compile(r"[+-][0-9 .,/()-]*[0-9]")  # as telephones and amounts begin


# Where the list separator of Windows is a semicolon, as in Italy, a comma separates nothing and a quote that is
# after one quotes nothing: a cell goes on at each of these, and begins anew there.
_INSIDE: Final = re.compile("(?<=[;\t\r\n])(?=[" + re.escape("".join(_FORMULA)) + "])")


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: what begins as such gets a quote before it."""
    inside = _INSIDE.sub("'", text)
    return f"'{inside}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else inside


class _Line:
    """What csv.writer writes to: it gives the line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[object]], *, mark: bool = False) -> Iterator[str]:
    """Yield each row as a line that ends with CRLF, cells made harmless, None as an empty one.

    `mark` puts a byte order mark before the first line.
    """
    writer: Any = csv.writer(_Line())  # its writerow returns what write returns
    start = MARK if mark else ""
    for row in rows:
        yield start + writer.writerow(["" if cell is None else harmless(str(cell)) for cell in row])
        start = ""


def csv_table(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, mark: bool = False) -> Iterator[str]:
    """Yield the header and a line a row, as csv_lines does; `columns` are keys of each row."""
    ordered = ([row[column] for column in columns] for row in rows)
    yield from csv_lines(_after(columns, ordered), mark=mark)


def _after(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield head
    yield from rows
