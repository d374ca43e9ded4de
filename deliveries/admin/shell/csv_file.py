"""Rows as a CSV that is streamed, with the mark by which a spreadsheet knows UTF-8."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import StreamingHttpResponse

from recipients.csv_lines import csv_lines


def csv_file(rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return the rows, the head first; what is None is an empty cell."""
    return StreamingHttpResponse(csv_lines(rows, mark=True), content_type="text/csv; charset=utf-8")
