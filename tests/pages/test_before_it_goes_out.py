"""What is said before a delivery goes out, and what Send now asks (reference 5.1)."""

import html
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone, translation

from deliveries.models import Content, Delivery, Message
from deliveries.sending.lifecycle.preflight import Level, preflight
from recipients import tables
from recipients.models import Filter, User

PAGE = "/admin/deliveries/delivery/"
GOOD = '<p>Hi ${nome}$ <a href="https://x.example">x</a> <a href="${unsubscribe_url}$">out</a></p>'


@pytest.fixture
def house(mine):
    mine.message.delete()
    with connection.cursor() as cursor:
        into = tables.identifier(mine.database).as_string()
        for number in range(3):
            cursor.execute(f"INSERT INTO {into} (email, nome) VALUES (%s, 'Acme')", [f"p{number}@x.example"])
    text = "Hi ${unsubscribe_url}$"
    Content.objects.filter(delivery=mine.delivery).update(html=GOOD, text=text, from_name="Acme")
    Delivery.objects.create(
        account=mine.account, newsletter=mine.newsletter, database=mine.database, title="test", type="test",
        test_of=mine.delivery, status="sent", started_at=timezone.now(),
    )  # fmt: skip
    return mine


def codes(house, level=Level.LOOK):
    row = Delivery.objects.select_related("account", "newsletter", "database", "filter").get(pk=house.delivery.pk)
    return {finding.code for finding in preflight(row).at(level)}


def test_all_is_green_where_nothing_is_to_be_said(house):
    assert codes(house) == codes(house, Level.STOP) == set()
    assert codes(house, Level.FINE) == {"PEOPLE", "TESTED", "RELAY"}
    assert codes(house, Level.UNKNOWN) == {"DNS_ASKED"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": ""}, "NO_TEXT"),
        ({"html": GOOD + '<img src="https://x.example/a.png">'}, "IMAGE_WITHOUT_ALT"),
        ({"html": GOOD + '<a href="http://x.example">x</a>'}, "HTTP_LINK"),
        ({"html": GOOD + "x" * 105_000}, "LONG_HTML"),
        ({"html": "<p>Hi</p>", "footer": False}, "NO_WAY_OUT"),
        ({"from_name": ""}, "FROM_NAME"),
        ({"html": GOOD + "${xml_delivery_code}$"}, "EMPTY"),
    ],
)
def test_what_is_worth_a_look_is_yellow(house, changes, code):
    Content.objects.filter(delivery=house.delivery).update(**changes)
    assert codes(house) == {code}
    assert codes(house, Level.STOP) == set()


@pytest.mark.parametrize("subject", ["BUY THIS NOW PLEASE", "Win!!", "Earn $$$"])
def test_a_subject_that_shouts_is_yellow(house, subject):
    Delivery.objects.filter(pk=house.delivery.pk).update(subject=subject)
    assert "SPAMMY" in codes(house) | codes(house, Level.STOP)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"html": "${nosuch}$"}, "TPL_UNKNOWN_FIELD"), ({"reply_to": ""}, "REPLY_TO")],
)
def test_what_is_in_its_way_is_red(house, changes, code):
    Content.objects.filter(delivery=house.delivery).update(**changes)
    assert codes(house, Level.STOP) == {code}


def test_all_that_is_in_its_way_is_said_at_once(house):
    Content.objects.filter(delivery=house.delivery).update(html="${nosuch}$ <% if %>", reply_to="", from_name="")
    Delivery.objects.filter(pk=house.delivery.pk).update(subject="")
    assert codes(house, Level.STOP) >= {"TPL_UNKNOWN_FIELD", "REPLY_TO", "SUBJECT_MISSING"}
    assert "FROM_NAME" in codes(house)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Reply to: there is no address to reply to, neither here nor in the newsletter; write one"),
        ("it", "Rispondi a: manca l'indirizzo di risposta, sia qui sia nel gruppo; scriverne uno"),
    ],
)
def test_what_is_in_its_way_is_named_as_the_form_names_it(house, signed_in, language, said):
    Content.objects.filter(delivery=house.delivery).update(reply_to="")
    client, headers = signed_in(house.account), {"Accept-Language": language}
    with translation.override("en"):  # a request leaves its language to whoever comes next in the thread
        for tab in ("summary", "message"):
            page = client.get(f"{PAGE}{house.delivery.pk}/change/?tab={tab}", headers=headers).content.decode()
            assert said in html.unescape(page)


def test_nobody_and_a_strange_sender_are_red(house):
    house.account.sender_domains.all().delete()
    Filter.objects.filter(pk=house.filter.pk).update(
        conditions=[{"field": "nome", "op": "equals", "value": "nobody"}]
    )
    assert codes(house, Level.STOP) == {"NOBODY", "SENDER_DOMAIN"}


def test_many_more_than_usual_and_people_of_yesterday_are_yellow(house):
    yesterday = timezone.now() - timedelta(hours=20)
    for size in (20, 30, 40):
        past = Delivery.objects.create(
            account=house.account, newsletter=house.newsletter, database=house.database, title="past", size=size,
            status="sent", started_at=yesterday,
        )  # fmt: skip
    Message.objects.create(delivery=past, recipient_id=1, address="P0@x.example", status="delivered")
    assert codes(house) == {"UNUSUAL", "LATELY"}
    with translation.override("it"):
        said = " ".join(finding.sentence for finding in preflight(house.delivery).at(Level.LOOK))
    assert "Va a 3 persone;" in said
    assert "1 di loro ha ricevuto" in said


def test_send_now_says_what_is_yellow_and_refuses_what_is_red(house, signed_in):
    client = signed_in(house.account)
    start = f"{PAGE}{house.delivery.pk}/start/"
    Content.objects.filter(delivery=house.delivery).update(text="")
    asked = client.get(start).content.decode()
    assert "It has no text part" in asked
    assert "to 3 people now?" in asked
    Content.objects.filter(delivery=house.delivery).update(html="${nosuch}$", text="")
    asked = client.get(start).content.decode()
    assert "can't go out yet" in asked.replace("&#x27;", "'")
    assert 'type="submit" class="xd-button xd-primary' not in asked
    client.post(start)
    house.delivery.refresh_from_db()
    assert house.delivery.status == "ready"


def test_above_the_accounts_limit_the_number_is_typed(house, signed_in):
    house.account.ask_above = 2
    house.account.save()
    client = signed_in(house.account)
    start = f"{PAGE}{house.delivery.pk}/start/"
    assert "Type 3: it is more than the 2" in client.get(start).content.decode()
    for typed in ("", "30"):
        client.post(start, {"number": typed})
        house.delivery.refresh_from_db()
        assert house.delivery.status == "ready"
    client.post(start, {"number": "3"})
    house.delivery.refresh_from_db()
    assert house.delivery.status == "scheduled"


def test_what_is_sent_waits_a_minute_in_which_it_is_taken_back(house, signed_in, settings):
    client = signed_in(house.account)
    minute, began = timedelta(minutes=1), timezone.now()
    client.post(f"{PAGE}{house.delivery.pk}/start/")
    house.delivery.refresh_from_db()
    assert began + minute <= house.delivery.start_at <= timezone.now() + minute
    page = client.get(f"{PAGE}{house.delivery.pk}/change/")
    assert [link["name"] for link in page.context["links"]][:2] == ["unschedule", "start"]
    client.post(f"{PAGE}{house.delivery.pk}/start/")  # without waiting
    house.delivery.refresh_from_db()
    assert house.delivery.start_at <= timezone.now()
    assert house.delivery.start_queued_at is not None


def test_a_test_is_sent_from_its_page_and_remembers_its_addresses(house, signed_in):
    client = signed_in(house.account)
    test = f"{PAGE}{house.delivery.pk}/test/"
    answer = client.post(test, {"addresses": "no address"})
    assert "no address" in answer.content.decode()
    assert answer.status_code == 200
    client.post(test, {"addresses": "boss@x.example, second@x.example"})
    sent = Delivery.objects.get(test_of=house.delivery, copies_of__isnull=False)
    assert sent.size == 2
    assert "boss@x.example\nsecond@x.example" in client.get(test).content.decode()


def test_a_duplicate_opens_in_the_steps(house, signed_in):
    client = signed_in(house.account)
    answer = client.post(f"{PAGE}{house.delivery.pk}/duplicate/")
    made = Delivery.objects.get(status="new")
    assert answer["Location"] == f"{PAGE}{made.pk}/edit/message/"


def test_who_tested_it_is_said(house):
    Delivery.objects.filter(test_of=house.delivery).update(created_by=house.membership.user)
    row = Delivery.objects.select_related("account", "newsletter", "database", "filter").get(pk=house.delivery.pk)
    assert any("by Acme-admin" in finding.sentence for finding in preflight(row).findings)
    User.objects.filter(pk=house.membership.user_id).update(first_name="Ada", last_name="Neri")
    row = Delivery.objects.select_related("account", "newsletter", "database", "filter").get(pk=house.delivery.pk)
    assert any("by Ada Neri." in finding.sentence for finding in preflight(row).findings)
