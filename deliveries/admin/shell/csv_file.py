"""Rows as a CSV that is streamed, with the mark by which a spreadsheet knows UTF-8."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse


class _Line:
    """A file for csv.writer that hands each line on."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_file(rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return the rows, the head first; what is None is an empty cell."""
    return StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer: Any = csv.writer(_Line())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow(["" if cell is None else str(cell) for cell in row])
