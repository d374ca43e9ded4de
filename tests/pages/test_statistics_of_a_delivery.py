"""The Statistics tab shows every figure; its files name people only to those who may see them."""

import csv
import io
import re

import pytest

from deliveries.models import Activity, Delivery, Event, Link, Message
from deliveries.statistics.figures import EVENT_FIGURES, OUTCOME_FIGURES
from deliveries.statistics.mend import mend
from deliveries.statistics.words import FIGURES, RATES
from tests.tracking.conftest import NOON


@pytest.fixture
def played(mine):
    row = mine.delivery
    Delivery.objects.filter(pk=row.pk).update(status="sent", size=1, started_at=NOON, measured="cw")
    mine.message.status, mine.message.outcome_at = "delivered", NOON
    mine.message.save()
    Link.objects.create(delivery=row, number=1, url="https://acme.example/<winter>")
    Event.objects.create(
        account=mine.account,
        delivery=row,
        message=mine.message,
        at=NOON,
        action="c",
        origin="person",
        reference="1",
    )
    mend(row.pk)
    return f"/admin/deliveries/delivery/{row.pk}"


@pytest.mark.sentence("6-06")
def test_every_figure_and_rate_is_shown_and_what_was_not_measured_is_said(mine, signed_in, played):
    page = signed_in(mine.account).get(f"{played}/change/?tab=statistics").content.decode()
    for name in ("size", *OUTCOME_FIGURES, *EVENT_FIGURES):
        assert f"<dt>{FIGURES[name]}</dt>" in page
    assert [name for name in RATES.values() if f"<dt>{name}</dt>" not in page] == []
    assert page.count("not measured") >= 4  # views were off
    assert "https://acme.example/&lt;winter&gt;" in page
    assert f"{played}/people/clicks/" in page


def rows(answer):
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_people_and_events_are_files_and_who_took_them_is_kept(mine, signed_in, played):
    client = signed_in(mine.account)
    assert [row["recipient"] for row in rows(client.get(f"{played}/statistics/clicks.csv"))] == [
        "anna@acme.example"
    ]
    assert [row["actionType"] for row in rows(client.get(f"{played}/statistics/events.csv"))] == ["d", "c", "v"]
    kept = Activity.objects.filter(verb="people exported", delivery=mine.delivery)
    assert sorted(row.params["file"] for row in kept) == [
        f"clicks-{mine.delivery.pk}.csv",
        f"events-{mine.delivery.pk}.csv",
    ]
    report = {
        (row["name"], row["measure"]): row["value"] for row in rows(client.get(f"{played}/statistics/report.csv"))
    }
    assert (report["clicks", "count"], report["views", "count"]) == ("1", "")
    assert client.get(f"{played}/statistics/nothing.csv").status_code == 404


def test_a_reviewer_without_the_right_gets_figures_and_nobodys_name(mine, signed_in, played):
    client = signed_in(mine.account, "reviewer")
    page = client.get(f"{played}/change/?tab=statistics").content.decode()
    assert f"{played}/people/clicks/" not in page
    assert client.get(f"{played}/statistics/report.csv").status_code == 200
    assert {client.get(f"{played}/statistics/{what}.csv").status_code for what in ("events", "clicks")} == {403}
    allowed = signed_in(mine.account, "reviewer", personal_data=True)
    assert allowed.get(f"{played}/statistics/clicks.csv").status_code == 200


def test_the_people_behind_a_figure_are_a_page_with_their_file_on_it(mine, signed_in, played):
    client = signed_in(mine.account)
    page = client.get(f"{played}/people/unique_clicks/").content.decode()
    assert '<h2 class="xd-text">Unique clicks</h2>' in page
    assert "People who followed at least one tracked link." in page
    assert "address=anna%40acme.example" in page
    assert f"{played}/statistics/unique_clicks.csv" in page
    by_link = client.get(f"{played}/people/link:1/").content.decode()
    assert "https://acme.example/&lt;winter&gt;</h2>" in by_link
    assert "anna@acme.example" in by_link
    assert "Nobody yet." in client.get(f"{played}/people/bounced/").content.decode()
    assert client.get(f"{played}/people/nothing/").status_code == 404
    assert not Activity.objects.filter(verb="people exported").exists()


def test_many_people_are_paged_and_each_is_met_once(mine, signed_in, played):
    Message.objects.bulk_create(
        Message(delivery=mine.delivery, recipient_id=number, address=f"p{number}@x.example", status="delivered")
        for number in range(2, 121)
    )
    client, address, met = signed_in(mine.account), f"{played}/people/delivered/", []
    while address:
        page = client.get(address).content.decode()
        met += re.findall(r"address=([^\"&]+)\"", page)
        further = re.search(r'href="(\?after=\d+)"', page)
        address = f"{played}/people/delivered/{further[1]}" if further else ""
    assert met == ["anna%40acme.example", *(f"p{number}%40x.example" for number in range(2, 121))]
    assert "Nobody further." in client.get(f"{played}/people/delivered/?after=120").content.decode()
    assert "anna" in client.get(f"{played}/people/delivered/?after=x").content.decode()


def test_an_erased_person_is_on_the_page_without_an_address(mine, signed_in, played):
    Message.objects.filter(pk=mine.message.pk).update(address="erased-7 acme.example")
    page = signed_in(mine.account).get(f"{played}/people/delivered/").content.decode()
    assert ">erased-7</td>" in page
    assert "acme.example</a>" not in page


def test_the_page_of_people_has_the_rights_of_their_file(mine, theirs, signed_in, played):
    page = f"{played}/people/delivered/"
    assert signed_in(mine.account, "reviewer").get(page).status_code == 403
    assert signed_in(mine.account, "reviewer", personal_data=True).get(page).status_code == 200
    assert signed_in(theirs.account).get(page).status_code == 404


def test_another_accounts_delivery_is_not_there(mine, theirs, signed_in, played):
    client = signed_in(theirs.account)
    assert {client.get(f"{played}/statistics/{what}.csv").status_code for what in ("report", "events", "size")} == {
        404
    }
