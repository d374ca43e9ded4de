"""Reference 3.3: a list whose columns are named otherwise is matched with the fields by hand, and remembered."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from deliveries.admin.databases.matching import guess
from recipients import tables
from recipients.models import Database, Field
from tests.pages.test_importing_people import people, uploads  # noqa: F401  its folder

TEXT = "Nome;E-Mail;Note\nAda;ada@x.example;vip\nBob;bob@x.example;\n"


@pytest.fixture
def send(mine, signed_in):
    client = signed_in(mine.account)
    url = f"/admin/recipients/database/{mine.database.pk}/import/"

    def send(file=None, token="", **chosen):
        given = {"mode": "insert", "file": file} if file else {"token": token, **chosen}
        page = client.post(url, given, follow=True).content.decode()
        return page, page.partition('name="token" value="')[2].partition('"')[0]

    return send


def csv_of(text):
    return SimpleUploadedFile("list.csv", text.encode())


def chosen_in(page):
    """What each choice of a column shows."""
    return [
        (re.search(r'<option value="([^"]*)" selected', one) or [None, ""])[1] for one in page.split("<select")[1:]
    ]


def test_unknown_columns_are_asked_for_with_their_first_values_and_a_guess(mine, send):
    page, token = send(csv_of(TEXT))
    assert "the column email is missing" in page
    assert "ada@x.example · bob@x.example" in page
    assert chosen_in(page) == ["nome", "email", ""]
    columns = {"column-0": "nome", "column-1": "email", "column-2": ""}
    page, token = send(token=token, match="1", **columns)
    assert "Added 2, updated 0, deleted 0, bad rows 0." in page
    assert people(mine.database) == []
    send(token=token, go="1")
    assert people(mine.database) == [("ada@x.example", "Ada"), ("bob@x.example", "Bob")]


def test_what_was_chosen_is_the_next_guess_and_may_be_changed_where_all_is_clear(mine, send):
    _page, token = send(csv_of("email;Vorname;nome\na@x.example;Ada;x\n"))
    send(token=send(token=token, match="1", **{"column-0": "email", "column-1": "nome", "column-2": ""})[1], go="1")
    assert people(mine.database) == [("a@x.example", "Ada")]
    page, _token = send(csv_of("VORNAME;E-Mail\nBea;b@x.example\n"))
    assert chosen_in(page) == ["nome", "email"]
    page, token = send(csv_of("email;nome\nc@x.example;Cy\n"))
    assert "Added 1" in page
    page, _token = send(token=token, match="1")
    assert chosen_in(page) == ["email", "nome"]


def test_a_spreadsheet_is_matched_alike(mine, send):
    book, file = Workbook(), io.BytesIO()
    for row in (["Posta elettronica", "Chi"], ["a@x.example", "Ada"]):
        book.active.append(row)
    book.save(file)
    page, token = send(SimpleUploadedFile("list.xlsx", file.getvalue()))
    assert chosen_in(page) == ["email", ""]
    send(token=send(token=token, match="1", **{"column-0": "email", "column-1": "nome"})[1], go="1")
    assert people(mine.database) == [("a@x.example", "Ada")]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"column-0": "nome", "column-1": "", "column-2": ""}, "the column email is missing"),
        ({"column-0": "nome", "column-1": "email", "column-2": "nome"}, "is there twice"),
        ({"column-0": "nome", "column-1": "email", "column-2": "salary"}, "has no field salary"),
    ],
)
def test_a_match_that_can_not_be_is_said_and_stays_on_the_page(mine, send, columns, said):
    page, _token = send(token=send(csv_of(TEXT))[1], match="1", **columns)
    assert said in page
    assert chosen_in(page) == [field if field != "salary" else "" for field in columns.values()]
    assert people(mine.database) == []


def test_what_no_match_can_mend_is_said_as_before(send):
    page, token = send(csv_of("\n"))
    assert "xd-error-sentence" in page
    assert not token


def test_no_field_is_guessed_twice_and_a_field_that_went_is_forgotten(db, mine):
    Field.objects.create(database=mine.database, name="citta", type="string", position=5)
    columns = tables.columns(Database.objects.get(pk=mine.database.pk))
    assert guess(["mail", "EMAIL", "Città", "CITTA "], columns, {"mail": "gone"}) == ["", "email", "", "citta"]
    assert guess(["e_mail", "e-mail"], columns, {"e-mail": ""}) == ["email", ""]
