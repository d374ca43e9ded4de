"""The page of a delivery: message for a chosen person, recipients by outcome, what is said before it goes out."""

import re

import pytest
from django.db import connection

from deliveries.models import Attachment, Content, Delivery, Message, ReportPlan
from recipients import tables

PAGE = "/admin/deliveries/delivery/"


@pytest.fixture
def house(mine):
    mine.message.delete()
    with connection.cursor() as cursor:
        into = tables.identifier(mine.database).as_string()
        for name in ("Acme", "Bea"):
            cursor.execute(f"INSERT INTO {into} (email, nome) VALUES (%s, %s)", [f"{name}@x.example", name])
    Content.objects.filter(delivery=mine.delivery).update(
        html='<p>Hi ${nome}$ <img src="a.png"><a href="http://x.example">x</a></p>', text=""
    )
    return mine


@pytest.fixture
def look(house, signed_in):
    client = signed_in(house.account)
    return lambda **asked: client.get(f"{PAGE}{house.delivery.pk}/change/", asked).content.decode()


def test_the_message_is_shown_for_an_address_with_its_size_and_what_is_wrong_with_it(house, look):
    [bea] = tables.find_people(house.database, "bea@", limit=2)
    shown = look(tab="message", address="bea@")
    assert f"/preview/?recipient={bea}" in shown
    for words in ("Size of the message", "has no alternative text", "goes to http", "no text part"):
        assert words in shown
    assert f"/test/?recipient={bea}" in shown
    assert "Nobody in the database" in look(tab="message", address="nobody@")


def test_the_test_of_the_person_on_show_is_written_with_their_values(house, signed_in):
    [bea] = tables.find_people(house.database, "bea@", limit=2)
    asked = signed_in(house.account).get(f"{PAGE}{house.delivery.pk}/test/", {"recipient": bea}).content.decode()
    assert f'name="recipient" value="{bea}"' in asked


def test_recipients_are_counted_before_the_start(house, look):
    shown = look(tab="recipients")
    assert "Who gets it now" in shown
    assert '<span class="xd-big">1</span>' in shown


def test_recipients_are_looked_at_by_outcome(house, look):
    for number, status in enumerate(("delivered", "bounced", "cancelled"), 1):
        Message.objects.create(
            delivery=house.delivery, recipient_id=number, address=f"{status}@x.example", status=status
        )
    Delivery.objects.filter(pk=house.delivery.pk).update(status="stopped", size=3)
    everybody, bounced = look(tab="recipients"), look(tab="recipients", outcome="bounced")
    assert "delivered@x.example" in everybody
    assert "delivered@x.example" not in bounced
    assert "bounced@x.example" in bounced
    assert "/statistics/bounced.csv" in bounced
    assert "/people/bounced/" in bounced
    assert "bounced@x.example" in look(tab="recipients", outcome="no such")


def test_the_summary_says_what_is_to_be_known_before_it_goes_out(house, look):
    shown = look()
    assert "Before it goes out" in shown
    assert "It has no text part" in shown
    Delivery.objects.filter(pk=house.delivery.pk).update(status="sent", size=0)
    assert "Before it goes out" not in look()


def test_who_may_see_nobody_reads_the_message_with_the_names_of_the_fields(house, signed_in):
    Content.objects.filter(delivery=house.delivery).update(text="Dear ${nome}$, write to ${email}$")
    reviewer = signed_in(house.account, "reviewer")
    page = reviewer.get(f"{PAGE}{house.delivery.pk}/change/", {"tab": "message"}).content.decode()
    assert "Dear [nome], write to reader@mail.example" in page
    assert "message-address" not in page
    [bea] = tables.find_people(house.database, "bea@", limit=2)
    html = reviewer.get(f"{PAGE}{house.delivery.pk}/preview/", {"recipient": bea}).content.decode()
    assert "Hi [nome]" in html
    assert not re.search(r"\bBea\b", html)


def test_tests_and_seed_copies_are_reached_from_the_original_and_lead_back(house, look, signed_in):
    mine = {"account": house.account, "newsletter": house.newsletter, "database": house.database, "type": "test"}
    tried = Delivery.objects.create(title="A test", test_of=house.delivery, **mine)
    seeds = Delivery.objects.create(title="Seeds", seeds_of=house.delivery, **mine)
    Attachment.objects.create(
        delivery=house.delivery, name="terms.pdf", content_type="application/pdf", content=b""
    )
    ReportPlan.objects.create(delivery=house.delivery, recipients=["boss@acme.example"], delay_hours=24)
    page = look()
    for row in (tried, seeds):
        assert f'href="{PAGE}{row.pk}/change/"' in page
        back = signed_in(house.account).get(f"{PAGE}{row.pk}/change/").content.decode()
        assert f'href="{PAGE}{house.delivery.pk}/change/"' in back
    for words in ("Seed copies", "terms.pdf", "24 hours after the start, to boss@acme.example"):
        assert words in page
