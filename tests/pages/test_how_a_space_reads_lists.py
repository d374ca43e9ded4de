"""Reference 3.2: what a space says of its lists is kept in the admin, and the bad rows of its runs come out."""

import csv
import io

import pytest

from deliveries.models import RowError, SftpSpace
from recipients.faults import Fault

MARKS = ("separator", "quote", "escape", "csv_encoding", "bad_rows_limit")


@pytest.fixture
def save(mine, signed_in):
    """Send a space's form as the page shows it, with some fields changed; return the errors."""
    client = signed_in(mine.account, "account_admin")
    page = f"/admin/deliveries/sftpspace/{mine.space.pk}/change/"

    def send(**fields):
        form = client.get(page).context["adminform"].form
        shown = {bound.html_name: bound.value() for bound in form}
        sent = {name: "" if value is None else value for name, value in shown.items()}
        response = client.post(page, sent | {"notify": "", "authorized_keys": ""} | fields)
        mine.space.refresh_from_db()
        return response.context["adminform"].form.errors if response.context else {}

    return send


@pytest.mark.sentence("3.2-46")
@pytest.mark.parametrize(
    "says",
    [
        {"separator": ",", "quote": '"', "escape": "", "csv_encoding": "", "bad_rows_limit": 0.1},
        {"separator": "\t", "quote": "'", "escape": "\\", "csv_encoding": "utf-16", "bad_rows_limit": 0.0},
        {"separator": "^", "quote": "|", "escape": "", "csv_encoding": "windows-1252", "bad_rows_limit": 1.0},
    ],
)
def test_a_space_that_is_saved_again_reads_lists_as_before(mine, save, says):
    SftpSpace.objects.filter(pk=mine.space.pk).update(**says)
    assert save(directory="/elsewhere") == {}
    assert mine.space.directory == "/elsewhere"
    assert {name: getattr(mine.space, name) for name in MARKS} == says


def test_a_tab_can_be_chosen(mine, save):
    assert save(separator="\t") == {}
    assert mine.space.separator == "\t"


@pytest.mark.parametrize(
    ("field", "wrong"), [("quote", {"separator": ";", "quote": ";"}), ("bad_rows_limit", {"bad_rows_limit": 10})]
)
def test_marks_that_are_equal_and_a_share_that_is_none_are_refused(mine, save, field, wrong):
    assert field in save(**wrong)
    assert (mine.space.quote, mine.space.bad_rows_limit) == ('"', 0.1)


@pytest.mark.sentence("3.2-38")
def test_the_bad_rows_of_a_run_are_a_csv_for_those_who_may_see_people(mine, signed_in):
    RowError.objects.create(
        run=mine.run,
        file="a.csv",
        line=9,
        column="nome",
        code="CSV_NUL",
        fault=Fault.written("a NUL", "CSV_NUL").as_json(),
        excerpt="=1+1",
    )
    page = f"/admin/deliveries/processingrun/{mine.run.pk}/"
    assert "rows.csv" in signed_in(mine.account).get(f"{page}change/").content.decode()
    response = signed_in(mine.account).get(f"{page}rows.csv")
    assert response["Content-Disposition"].startswith("attachment")
    header, *rows = csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig")))
    assert header == ["file", "line", "column", "code", "reason", "excerpt"]
    assert rows == [
        ["Acme.csv", "3", "email", "ADDR_SYNTAX", "Acme bad", ""],
        ["a.csv", "9", "nome", "CSV_NUL", "a NUL", "'=1+1"],
    ]
    assert signed_in(mine.account, "reviewer").get(f"{page}rows.csv").status_code == 403
