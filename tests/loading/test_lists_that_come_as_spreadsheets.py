"""Reference 3.3: a spreadsheet goes the road of a CSV, told by its content, and is held in memory within bounds."""

from datetime import date, datetime

import openpyxl
import pytest
from django.db import connection
from psycopg import sql

from recipients import tables
from recipients.errors import ClientError
from recipients.loading import Dialect, spreadsheets
from recipients.loading.modes import Mode, import_list
from tests.loading.conftest import make_database
from tests.loading.test_faults_of_zips import packed

PLAIN = Dialect()
FILLED = "email,nome,ordine\na@mail.example,old,1\na@mail.example,new,2\nb@mail.example,B,3\n"
HEAD = ["EMAIL", "Nome", "ordine", "peso", "nato", "visto", "socio"]
SHEETS = {
    "people": [
        HEAD,
        ["A@mail.example", "x, y", 5.0, 1234.5, date(1999, 12, 31), datetime(2025, 3, 30, 2, 30), True],  # noqa: DTZ001  a sheet has no zones
        ["c@mail.example", "first", 7],
        ["C@mail.example", "last", None, None, None, None, False],
        ["bad", "z"],
        ["d@mail.example", "z", "five"],
    ],
    "only the key": [["email"], ["b@mail.example"], ["B@mail.example"], ["nobody@mail.example"]],
}
AS_CSV = {
    "people": "EMAIL,Nome,ordine,peso,nato,visto,socio\n"
    'A@mail.example,"x, y",5,1234.5,1999-12-31,2025-03-30 02:30,1\n'
    "c@mail.example,first,7,,,,\nC@mail.example,last,,,,,0\nbad,z,,,,,\nd@mail.example,z,five,,,,\n",
    "only the key": "email\nb@mail.example\nB@mail.example\nnobody@mail.example\n",
}


@pytest.fixture
def sheet(tmp_path):
    """Return a maker of workbooks from rows."""

    def made(rows, far=None):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        if far:
            book.active[far] = "x"
        path = tmp_path / "list.bin"
        book.save(path)
        return path

    return made


def people(database):
    names = [column.name for column in tables.columns(database)]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM {} ORDER BY lower(email), nome, id").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), tables.identifier(database)
            )
        )
        return cursor.fetchall()


def filled(listed):
    database = make_database()
    import_list(database, listed(FILLED), PLAIN, Mode.INSERT, limit=0.5)
    return database


def refusal(database, path):
    with pytest.raises(ClientError) as caught:
        import_list(database, path, PLAIN, Mode.INSERT, limit=0.5)
    return caught.value.code


@pytest.mark.sentence("3.1-13", "3.1-18", "3.3-19", "3.3-21")
@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("mode", list(Mode))
def test_a_spreadsheet_does_what_the_same_csv_does(db, listed, sheet, mode, name):
    ours, theirs = filled(listed), filled(listed)
    changes = import_list(ours, listed(AS_CSV[name]), PLAIN, mode, limit=0.9)
    assert import_list(theirs, sheet(SHEETS[name]), PLAIN, mode, limit=0.9) == changes
    assert people(theirs) == people(ours)


def test_a_row_is_told_by_its_number_on_the_sheet_and_an_empty_one_is_none(db, listed, sheet):
    path = sheet([["email", "nome"], ["a@mail.example", "two\nlines"], [None, " "], ["bad", "x"]])
    changes = import_list(make_database(), path, PLAIN, Mode.INSERT, limit=0.9)
    assert (changes.rows.good, [fault.line for fault in changes.rows.faults]) == (1, [4])


def test_columns_without_a_name_are_passed_over_only_where_they_are_empty(db, sheet):
    rows = [["email", None], ["a@mail.example", None]]
    assert import_list(make_database(), sheet(rows), PLAIN, Mode.INSERT, limit=0).inserted == 1
    assert refusal(make_database(), sheet([["email", None], ["a@mail.example", "x"]])) == "CSV_EMPTY_HEADER"


@pytest.mark.sentence("3.3-21")
def test_what_is_too_large_for_memory_is_refused(db, sheet, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_CELLS", 20)
    rows = [["email", "nome"], *([f"{number}@mail.example", "x"] for number in range(10))]
    assert import_list(make_database(), sheet(rows), PLAIN, Mode.INSERT, limit=0).inserted == 10
    assert refusal(make_database(), sheet([*rows, ["z@mail.example", "x"]])) == "SHEET_TOO_LARGE"
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 1000)
    assert refusal(make_database(), sheet(rows)) == "SHEET_TOO_LARGE"


def test_a_small_file_that_unpacks_to_hours_of_work_is_given_up(db, sheet, monkeypatch):
    path = sheet([["email", "nome"], ["a@mail.example", "x"]])
    assert import_list(make_database(), path, PLAIN, Mode.INSERT, limit=0).inserted == 1
    monkeypatch.setattr(spreadsheets, "MAX_SECONDS", 0)
    assert refusal(make_database(), path) == "SHEET_TOO_LARGE"
    monkeypatch.undo()
    monkeypatch.setattr(spreadsheets, "MAX_READ_WHOLE", 1000)  # styles, say: read as a tree
    assert refusal(make_database(), path) == "SHEET_TOO_LARGE"


def test_a_sheet_whose_first_row_is_empty_is_not_read_to_its_end(db, sheet):
    assert refusal(make_database(), sheet([[None], ["a@mail.example"]], far="A9")) == "CSV_NO_EMAIL"


def test_one_cell_far_out_makes_no_million_rows_in_memory(db, sheet, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_CELLS", 1_000)
    assert refusal(make_database(), sheet([["email"], ["a@mail.example"]], far="A1048576")) == "SHEET_TOO_LARGE"
    assert (
        import_list(
            make_database(), sheet([["email"], ["a@mail.example"]], far="XFD2"), PLAIN, Mode.INSERT, limit=0
        ).inserted
        == 1
    )


def test_other_spreadsheets_and_broken_ones_say_what_to_save(db, listed):
    database = make_database()
    assert refusal(database, listed(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)) == "SHEET_KIND"
    assert refusal(database, listed(packed(("mimetype", b"x"), ("content.xml", b"<x/>")))) == "SHEET_KIND"
    assert refusal(database, listed(packed(("xl/workbook.xml", b"<")))) == "SHEET_UNREADABLE"
    assert (
        refusal(database, listed(packed(("[Content_Types].xml", b"<"), ("xl/workbook.xml", b"<"))))
        == "SHEET_UNREADABLE"
    )
    assert people(database) == []
