"""Lists and reports as a spreadsheet, written to a file without a name before it is answered."""

import tempfile
from collections.abc import Iterable
from typing import Final

from django.http import FileResponse

from recipients.workbook import Rows, write_workbook

_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet(sheets: Iterable[tuple[str, Rows]]) -> FileResponse:
    """Return the sheets, each a name and its rows with the head first."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    write_workbook(file, sheets)
    file.seek(0)
    return FileResponse(file, content_type=_KIND)
