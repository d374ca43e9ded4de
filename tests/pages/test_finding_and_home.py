"""Ctrl+K finds what an account holds; Home says what needs somebody now (AREA's Home; reference 9)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from deliveries.models import Delivery, Label, Message, ProcessingRun, Worker
from recipients import tables


@pytest.fixture
def person(mine):
    with connection.cursor() as cursor:
        into = tables.identifier(mine.database).as_string()
        cursor.execute(f"INSERT INTO {into} (email, nome) VALUES ('anna@acme.example', 'Anna')")


def found(client, term):
    answer = client.get("/admin/search/", {"s": term, "extended": "1"})
    return [(result.title, result.link) for result in answer.context["results"]]


def test_deliveries_runs_and_people_are_found(mine, theirs, person, signed_in):
    client = signed_in(mine.account)
    Label.objects.create(delivery=mine.delivery, name="season", value="winter")
    page = f"/admin/deliveries/delivery/{mine.delivery.pk}/change/"
    for term in (str(mine.delivery.pk), "acme offers", "season"):
        assert ("Acme offers", page) in found(client, term)
    assert ("Acme.xml", f"/admin/deliveries/processingrun/{mine.run.pk}/change/") in found(client, "acme.xml")
    where = f"/admin/recipients/database/person/?account={mine.account.pk}&address=anna%40acme.example"
    assert found(client, "anna@") == [("anna@acme.example", where)]
    assert not [title for title, _link in found(client, "zenith") if "enith" in title]


def test_what_was_found_is_asked_anew_each_time(mine, person, signed_in):
    client = signed_in(mine.account, personal_data=True)
    assert "anna@acme.example" in [title for title, _link in found(client, "anna@")]
    client.user.memberships.update(role="reviewer", personal_data=False)
    assert found(client, "anna@") == []


@pytest.mark.parametrize("page", ["0", "-1", "9" * 22, "9" * 5_000, "1e9", "NaN", "%00"])
def test_a_page_of_what_was_found_that_there_is_not_is_a_404(mine, signed_in, page):
    answer = signed_in(mine.account).get(f"/admin/search/?s=acme&extended=1&page={page}")
    assert answer.status_code == 404


def test_a_search_that_finds_nothing_says_so(mine, signed_in):
    page = signed_in(mine.account).get("/admin/search/?s=quagga&extended=1").content.decode()
    assert "Nothing found" in page
    assert 'id="command-results-list"' in page  # what the box takes over of the answer


def test_a_lists_tab_in_the_browser_is_called_as_its_line_in_the_menu(mine, signed_in):
    client = signed_in(mine.account)
    pages = {"deliveries/delivery/": "Deliveries", "deliveries/delivery/?tab=finished": "Archive"}
    for page, title in (pages | {"recipients/filter/": "Filters"}).items():
        head = client.get(f"/admin/{page}").content.decode().partition("</title>")[0]
        assert title in head
        assert "to view" not in head


def test_a_page_below_a_rows_names_what_it_is_and_of_which_row(mine, signed_in):
    client = signed_in(mine.account, "account_admin")
    pages = {
        f"recipients/database/{mine.database.pk}/import/": "Import into Acme people",
        f"recipients/database/{mine.database.pk}/people/": "People of Acme people",
        f"recipients/filter/{mine.filter.pk}/people/": "People whom Acme filter picks",
        f"deliveries/sftpspace/{mine.space.pk}/test/": "Test the connection of Acme space",
    }
    for address, title in pages.items():
        page = client.get(f"/admin/{address}").content.decode()
        assert page.partition("</title>")[0].strip().endswith(f"{title} | XML Delivery"), address
        heading = page.partition("<h1")[2].partition("</h1>")[0]
        assert f">{title}</span>" in heading, address


def test_a_reviewer_finds_no_people(mine, person, signed_in):
    assert "anna@acme.example" not in [title for title, _link in found(signed_in(mine.account, "reviewer"), "anna")]


def test_home_shows_what_goes_out_and_what_is_next_and_asks_again_by_itself(mine, theirs, signed_in):
    client = signed_in(mine.account)
    Message.objects.filter(delivery=mine.delivery).update(status="delivered", attempt=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sending", size=1)
    Delivery.objects.create(
        account=mine.account, newsletter=mine.newsletter, database=mine.database, title="Tomorrow",
        status="scheduled", start_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    for address in ("/admin/", "/admin/deliveries/delivery/home/live/"):
        shown = client.get(address).content.decode()
        assert 'data-live="/admin/deliveries/delivery/home/live/" data-every="2"' in shown
        for words in ("Acme offers", "1 of 1 written to", "Tomorrow", "all users"):
            assert words in shown
        assert "Zenith" not in shown


def test_home_says_that_a_space_is_silent_that_usually_gets_a_bundle_a_day(mine, signed_in):
    client = signed_in(mine.account)
    made = ProcessingRun.objects.filter(pk=mine.run.pk)
    made.update(started_at=timezone.now() - timedelta(days=2))
    assert "Usually a bundle comes each day" not in client.get("/admin/").content.decode()
    for days in range(3, 8):
        run = ProcessingRun.objects.create(
            account=mine.account, space=mine.space, semaphore=f"{days}.ok", file="x.xml", status="SUCCESS"
        )
        ProcessingRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(days=days))
    assert "Usually a bundle comes each day" in client.get("/admin/").content.decode()


def test_an_account_without_runs_sees_its_own_three_steps(mine, signed_in):
    Delivery.objects.all().delete()
    ProcessingRun.objects.all().delete()
    shown = signed_in(mine.account).get("/admin/").content.decode()
    assert f"/admin/deliveries/newsletter/{mine.newsletter.pk}/sample.zip" in shown
    assert f"/admin/deliveries/sftpspace/{mine.space.pk}/change/" in shown
    assert "Acme news" in shown


def test_the_first_bundle_is_checked_from_home_against_a_space_of_ones_own(mine, theirs, signed_in):
    Delivery.objects.all().delete()
    ProcessingRun.objects.all().delete()
    client = signed_in(mine.account)
    home = client.get("/admin/")
    assert 'enctype="multipart/form-data" action="/admin/deliveries/processingrun/check/"' in home.content.decode()
    bundle = home.context["bundle"]
    assert list(bundle.fields["space"].queryset) == [mine.space]
    sent = {"space": bundle.initial["space"].pk, "xml": SimpleUploadedFile("a.xml", b"<xmldelivery>")}
    answer = client.post("/admin/deliveries/processingrun/check/", sent)
    assert not answer.context["answer"].accepted
    assert not ProcessingRun.objects.exists()


_DROP = """() => {
    const files = new DataTransfer();
    for (const name of ["p.csv", "a.xml"]) files.items.add(new File(["x"], name));
    const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: files });
    document.querySelector("[data-drop]").dispatchEvent(drop);
}"""
_CHOSEN = (
    "() => [...document.querySelectorAll('[type=file]')].map((one) => [...one.files].map((file) => file.name))"
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_form_of_the_first_bundle_fits_its_window(look, mine, signed_in, width):
    Delivery.objects.all().delete()
    ProcessingRun.objects.all().delete()
    window = look(width)
    window.sign_in(signed_in(mine.account).user)
    window.look("/admin/", f"first steps {width}")
    window.page.evaluate(_DROP)
    assert window.page.evaluate(_CHOSEN) == [["a.xml"], ["p.csv"]]
    assert window.faults == []


def test_a_reviewer_is_offered_no_bundle_to_check_on_home(mine, signed_in):
    Delivery.objects.all().delete()
    ProcessingRun.objects.all().delete()
    shown = signed_in(mine.account, "reviewer").get("/admin/").content.decode()
    assert 'enctype="multipart/form-data"' not in shown


def test_workers_are_counted_and_a_missing_one_says_what_to_start(mine, signed_in):
    Worker.objects.all().delete()
    assert "manage.py sender" in signed_in(mine.account).get("/admin/").content.decode()
