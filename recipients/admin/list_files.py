"""Lists as files that a page answers with: CSV, streamed, or a spreadsheet."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.http import FileResponse, StreamingHttpResponse

from recipients.csv_lines import csv_lines
from recipients.workbook import Rows, write_workbook

_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_file(rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return the rows, the head first; what is None is an empty cell."""
    return StreamingHttpResponse(csv_lines(rows, mark=True), content_type="text/csv; charset=utf-8")


def spreadsheet(sheets: Iterable[tuple[str, Rows]]) -> FileResponse:
    """Return the sheets, each a name and its rows with the head first; written to a file without a name before."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    write_workbook(file, sheets)
    file.seek(0)
    return FileResponse(file, content_type=_SPREADSHEET)
