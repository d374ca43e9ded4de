"""The people of a database as a file: CSV, streamed, or XLSX; a large one is made by a task."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponseBase

from deliveries import conf
from deliveries.admin.downloads.asking import ask_for
from deliveries.downloads.rows import people_rows
from deliveries.models.downloads import DownloadKind
from recipients import tables
from recipients.admin.files import csv_file, spreadsheet
from recipients.models import Database

_KINDS: Final = frozenset({"csv", "xlsx"})


def name_of(database: Database, kind: str) -> str:
    """Return the file's name; 404 for another kind."""
    if kind not in _KINDS:
        raise Http404
    return f"people-{database.pk}.{kind}"


def is_large(database: Database, asked: str) -> bool:
    """Return whether a task must make it."""
    most = conf.export_rows()
    return len(tables.next_people(database, 0, most + 1, asked)) > most


def ask(request: HttpRequest, database: Database, asked: str, kind: str) -> HttpResponseBase:
    """Have it made by a task."""
    return ask_for(
        request, DownloadKind.PEOPLE, name_of(database, kind), account=database.account_id, about=database.name,
        params={"database": database.pk, "asked": asked},
    )  # fmt: skip


def as_file(database: Database, asked: str, kind: str) -> HttpResponseBase:
    """Return what the search found, or everybody."""
    rows = people_rows(database, asked)
    answer: HttpResponseBase = csv_file(rows) if kind == "csv" else spreadsheet([(database.name, rows)])
    answer["Content-Disposition"] = f'attachment; filename="{name_of(database, kind)}"'
    return answer
