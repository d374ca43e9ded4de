"""The people of a database as a file: CSV, streamed, or XLSX; what the search found, or everybody."""

from collections.abc import Iterator
from typing import Final

from django.http import Http404, HttpResponseBase

from deliveries.admin.shell.csv_file import csv_file
from deliveries.admin.shell.spreadsheet import spreadsheet
from recipients import tables
from recipients.models import Database

_AT_ONCE: Final = 2_000


def as_file(database: Database, asked: str, kind: str) -> HttpResponseBase:
    """Return the file; 404 for another kind."""
    if kind == "csv":
        answer: HttpResponseBase = csv_file(_rows(database, asked))
    elif kind == "xlsx":
        answer = spreadsheet([(database.name, _rows(database, asked))])
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
            yield ["" if cell is None else str(cell) for cell in cells]
        after = ids[-1]
