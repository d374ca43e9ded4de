"""The people of a database as a file: CSV, streamed, or XLSX; what the search found, or everybody."""

import csv
import tempfile
from collections.abc import Iterator
from typing import Any, Final

from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook

from recipients import tables
from recipients.loading.fault_file import harmless
from recipients.models import Database

_AT_ONCE: Final = 2_000
MOST_IN_A_SHEET: Final = 1_048_575  # of a spreadsheet's rows one is the head
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(database: Database, asked: str, kind: str) -> HttpResponseBase:
    """Return the file; 404 for another kind."""
    if kind == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(
            _csv(database, asked), content_type="text/csv; charset=utf-8"
        )
    elif kind == "xlsx":
        answer = _sheet(database, asked)
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="people-{database.pk}.{kind}"'
    return answer


def _rows(database: Database, asked: str) -> Iterator[list[str]]:
    """Yield the head and then the people, ascending, a thousand or two at a time."""
    columns = tables.columns(database)
    yield [column.name for column in columns]
    after = 0
    while ids := tables.next_people(database, after, _AT_ONCE, asked):
        values = tables.read_values(database, ids)
        for key in ids:
            cells = [values.get(key, {}).get(column.key) for column in columns]
            yield ["" if cell is None else harmless(str(cell)) for cell in cells]
        after = ids[-1]


class _Line:
    """A file for csv.writer that hands each line on."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def _csv(database: Database, asked: str) -> Iterator[str]:
    writer: Any = csv.writer(_Line())
    yield "\ufeff"
    for row in _rows(database, asked):
        yield writer.writerow(row)


def _sheet(database: Database, asked: str) -> FileResponse:
    """Write the book to a file without a name: as XML a row at a time, never all of it in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(database.name[:31].translate(dict.fromkeys(map(ord, "[]:*?/\\"), "_")) or "1")
    for number, row in enumerate(_rows(database, asked)):
        if number > MOST_IN_A_SHEET:
            break
        sheet.append(row)
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, content_type=_SHEET)
