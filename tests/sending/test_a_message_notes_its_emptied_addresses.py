"""Reference 2.6: a marker that begins an address is empty where its value is none, and the message notes it."""

import email
from email.policy import default

import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from psycopg import sql

from deliveries.models import Content, Delivery, Message, SendingRange
from deliveries.statistics.report import report
from recipients import tables
from tests.sending.conftest import make_going
from tests.sending.pump import pump

LINK = '<a href="${nome}$">yours</a>'
FORK = '<% if nome == "javascript:x" %><a href="${nome}$">yours</a><% else %>${nome}$<% end %>'


@pytest.fixture
def going(shop):
    """A delivery of this HTML to a person whose name is this."""

    def make(html: str, name: str | None) -> Delivery:
        delivery = make_going(shop, ["anna@to.example"])
        Content.objects.filter(delivery=delivery).update(html=html)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("UPDATE {} SET nome = %s").format(tables.identifier(shop.database)), [name])
        return delivery

    return make


@pytest.mark.sentence("2.6-32")
@pytest.mark.parametrize(
    ("html", "name", "noted"),
    [
        (LINK, "javascript:x", 1),
        (LINK * 2, "shop.example", 1),
        (LINK, "https://shop.example/", 0),
        (LINK, "", 0),
        (LINK, None, 0),
        (FORK, "javascript:x", 1),
        (FORK, "shop.example", 0),
        ("<p>${nome}$</p>", "javascript:x", 0),
    ],
)
def test_it_notes_exactly_the_addresses_that_were_left_empty(going, smtp, html, name, noted):
    delivery = going(html, name)
    pump(smtp.url)
    message = Message.objects.get(delivery=delivery)
    assert (message.status, message.emptied) == ("delivered", noted)
    ((_, _, body),) = smtp.accepted
    part = email.message_from_bytes(body, policy=default).get_body(("html",))
    assert ('href=""' in part.get_content()) is (noted > 0 or not name)
    assert report(delivery)["emptied"] == noted


def test_the_note_stays_when_the_kept_bytes_are_sent_again(going, smtp):
    delivery = going(LINK, "javascript:x")
    smtp.script = lambda phase, _context: "450 4.2.1 later" if phase == "rcpt" else None
    pump(smtp.url)
    assert Message.objects.get().status == "deferred"
    smtp.script = lambda _phase, _context: None
    Message.objects.update(not_before=timezone.now())
    SendingRange.objects.update(due_at=timezone.now())
    pump(smtp.url)
    states = Message.objects.filter(delivery=delivery).values("status", "emptied").annotate(n=Count("id"))
    assert list(states) == [{"status": "delivered", "emptied": 1, "n": 1}]
