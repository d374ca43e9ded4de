"""Reference 3.3, 3.4: people imported by hand, on the page."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from deliveries.models import Delivery, ProcessingRun
from recipients import locks
from recipients.loading.modes import Mode
from recipients.models import Database

FILLED = "email,nome\na@x.example,old\na@x.example,new\nb@x.example,B\n"


def people(database):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT email, nome FROM recipients_data.db_{database.pk} ORDER BY id")
        return cursor.fetchall()


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    return tmp_path / "uploads"


@pytest.fixture
def page(mine, signed_in):
    """Choose a list, then tell it to go; the answers' text."""
    client = signed_in(mine.account)
    url = f"/admin/recipients/database/{mine.database.pk}/import/"

    class Page:
        token = ""

        def choose(self, text, mode="insert", by=client):
            data = text if isinstance(text, bytes) else text.encode()
            response = by.post(url, {"mode": mode, "file": SimpleUploadedFile("people.csv", data)})
            shown = response.content.decode()
            self.token = shown.partition('name="token" value="')[2].partition('"')[0]
            return shown

        def go(self, token=None, url=url):
            sent = {"go": "1", "token": self.token if token is None else token}
            return client.post(url, sent, follow=True).content.decode()

        def fill(self):
            self.choose(FILLED)
            self.go()
            return people(mine.database)

    Page.url = url
    return Page()


@pytest.mark.sentence("3.3-13")
def test_operators_import_and_who_may_only_look_may_not(mine, page, signed_in):
    assert signed_in(mine.account, "operator").get(page.url).status_code == 200
    looks = signed_in(mine.account, "reviewer", personal_data=True)
    assert looks.get(page.url).status_code == 403
    assert looks.post(page.url, {"go": "1"}).status_code == 403
    page.choose(FILLED, by=looks)
    assert people(mine.database) == []


@pytest.mark.sentence("3.3-14", "3.3-15", "3.3-16", "3.3-17", "3.3-18", "3.3-19", "3.3-20")
@pytest.mark.parametrize(
    ("mode", "said", "left"),
    [
        ("insert", "Added 2, updated 0, deleted 0", ["old", "new", "B", "x", "y"]),
        ("insert_new", "Added 1, updated 0, deleted 0", ["old", "new", "B", "y"]),
        ("update", "Added 0, updated 1, deleted 0", ["old", "x", "B"]),
        ("replace", "Added 2, updated 0, deleted 3", ["x", "y"]),
        ("delete", "Added 0, updated 0, deleted 1", ["old", "B"]),
    ],
)
def test_the_page_says_first_what_it_would_do_and_then_does_it_once(mine, page, uploads, mode, said, left):
    before = page.fill()
    shown = page.choose("email,nome\nA@x.example,x\nc@x.example,y\nbad,z\n", mode)
    assert f"{said}, bad rows 1." in shown
    assert "ADDR_SYNTAX" in shown
    assert people(mine.database) == before
    assert f"{said}, bad rows 1." in page.go()
    assert [name for _email, name in people(mine.database)] == left
    assert list(uploads.iterdir()) == []
    page.go()
    assert [name for _email, name in people(mine.database)] == left


def test_to_add_all_rows_says_who_would_be_there_twice(page):
    page.fill()
    shown = page.choose("email,nome\nA@x.example,x\nc@x.example,y\n", "insert")
    assert "1 of these rows is in the database already" in shown
    assert "would be there twice" not in page.choose("email,nome\nd@x.example,y\n", "insert")
    assert "would be there twice" not in page.choose("email,nome\nA@x.example,y\n", "insert_new")


def test_every_mode_is_offered(page, mine, signed_in):
    form = signed_in(mine.account).get(page.url).context["form"]
    assert form["mode"].value() == "insert_new"  # whoever imports twice makes nobody twice
    assert [value for value, _label in form.fields["mode"].choices] == list(Mode)


@pytest.mark.sentence("3.3-21")
def test_a_list_over_30_mb_goes_through_the_same_page(mine, page):
    value = "x" * 65_000
    data = "email,nome\n" + "".join(f"p{n}@x.example,{value}\n" for n in range(500))
    assert len(data) > 30 * 1024**2
    assert "Added 500, updated 0, deleted 0, bad rows 0." in page.choose(data)
    assert people(mine.database) == []
    page.go()
    assert len(people(mine.database)) == 500


@pytest.mark.sentence("3.3-23")
@pytest.mark.parametrize("mode", ["replace", "delete"])
@pytest.mark.parametrize("data", ["", "email,nome\n", "email,nome\nbad,x\n"])
def test_a_list_without_a_good_row_takes_nobody_away(mine, page, mode, data):
    before = page.fill()
    shown = page.choose(data, mode)
    assert 'name="go"' not in shown
    page.go()
    assert people(mine.database) == before


@pytest.mark.sentence("3.4-09", "3.4-10")
@pytest.mark.parametrize("status", ["sending", "paused"])
def test_under_a_delivery_that_goes_out_people_are_added_and_not_taken_away(mine, page, status):
    before = page.fill()
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status)
    for mode in ("replace", "delete"):
        shown = page.choose("email\nz@x.example\n", mode)
        assert f"Delivery {mine.delivery.pk} is going out" in shown  # simulated all the same
        assert f"locked by delivery {mine.delivery.pk}" in page.go()
        assert people(mine.database) == before
    page.choose("email\nz@x.example\n")
    page.go()
    assert len(people(mine.database)) == len(before) + 1


@pytest.mark.sentence("3.4-07")
def test_a_read_only_database_takes_nobody(mine, page):
    Database.objects.filter(pk=mine.database.pk).update(read_only=True)
    assert "The database is read-only" in page.choose(FILLED)
    page.go()
    assert people(mine.database) == []


@pytest.mark.sentence("3.4-12")
def test_a_locked_database_takes_nobody(mine, page):
    page.choose(FILLED)
    locks.acquire(mine.database.pk, "run 4711", timedelta(minutes=5))
    held = "Database “Acme people” is held by run 4711: try again when it has ended."
    assert held in page.go()
    assert held in page.choose(FILLED)
    assert people(mine.database) == []


def test_who_imports_beside_another_import_reads_so(mine, page):
    locks.acquire(mine.database.pk, "import by hand 1a2b3c4d", timedelta(minutes=5))
    assert "is held by an import by hand: try again" in page.choose(FILLED)


@pytest.mark.sentence("3.4-09")
def test_a_delivery_that_began_meanwhile_is_asked_again_when_it_is_told_to_go(mine, page):
    before = page.fill()
    page.choose("email\nz@x.example\n", "replace")
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sending")
    assert f"locked by delivery {mine.delivery.pk}" in page.go()
    assert people(mine.database) == before


def test_each_tab_imports_the_list_that_it_showed(mine, page):
    page.choose("email\na@x.example\n")
    first = page.token
    page.choose("email\nb@x.example\nc@x.example\n", "replace")
    assert "Added 1, updated 0, deleted 0" in page.go(first)
    assert [email for email, _nome in people(mine.database)] == ["a@x.example"]
    assert "Added 2, updated 0, deleted 1" in page.go()
    assert [email for email, _nome in people(mine.database)] == ["b@x.example", "c@x.example"]


def test_a_token_that_is_unknown_spent_or_another_databases_imports_nothing(mine, page):
    other = Database.objects.create(account=mine.account, name="Other")
    elsewhere = f"/admin/recipients/database/{other.pk}/import/"
    page.choose(FILLED)
    for token, url in (("", page.url), ("../secret", page.url), (page.token, elsewhere)):
        assert "The list is no longer here: choose it again." in page.go(token, url)
    assert people(mine.database) == []
    page.go()
    assert "The list is no longer here: choose it again." in page.go()
    assert len(people(mine.database)) == 3


def test_of_many_lists_that_nobody_confirmed_the_last_five_are_kept(mine, page, uploads):
    tokens = []
    for _ in range(7):
        page.choose(FILLED)
        tokens.append(page.token)
    assert {file.name for file in uploads.iterdir()} == set(tokens[2:])
    assert "no longer here" in page.go(tokens[1])
    assert "Added 3" in page.go(tokens[2])


@pytest.mark.sentence("3.3-10")
def test_the_page_of_a_run_shows_the_rows_that_are_loaded_so_far(mine, signed_in):
    ProcessingRun.objects.filter(pk=mine.run.pk).update(
        status="LOADING", sub_status="RECIPIENTS_ADDED", rows_so_far=120_000, rows_good=None
    )
    client = signed_in(mine.account)
    shown = client.get(f"/admin/deliveries/processingrun/{mine.run.pk}/change/").content.decode()
    assert f'data-live="/admin/deliveries/processingrun/{mine.run.pk}/live/"' in shown
    live = client.get(f"/admin/deliveries/processingrun/{mine.run.pk}/live/").content.decode()
    assert "120,000 rows so far" in live
    assert "120,000…" in client.get("/admin/deliveries/processingrun/").content.decode()
