"""An id is no amount: where a page's markup, addresses and scripts carry one, nothing separates its thousands."""

import re

import pytest
from django.db import connection
from django.urls import resolve
from django.urls.exceptions import Resolver404
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from deliveries.models import Delivery, Event, Link, Message
from deliveries.statistics.mend import mend
from recipients import tables
from tests.pages.conftest import furnish

HIGH = 8_000_000
SEPARATED = re.compile("8[,.'\u00a0\u202f]000[,.'\u00a0\u202f][0-9]{3}")
FOR_READERS = {"alt", "aria-label", "placeholder", "title"}  # words, where numbers are grouped as in the text
LEADS_OUT = ("/admin/logout/", "/admin/jsi18n/", "/static/", "/i18n/")


@pytest.fixture
def house(db):
    """One of everything, each with an id of eight millions: sequences don't roll back, so none is put back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass,"
            " greatest(%s, coalesce(last_value, 1))) FROM pg_sequences"
            " WHERE data_type = 'bigint'::regtype AND schemaname = 'public'",
            [HIGH],
        )
    made = furnish("Acme")
    with connection.cursor() as cursor:
        into = tables.identifier(made.database).as_string()
        cursor.execute(f"INSERT INTO {into} (id, email, nome) VALUES (8000007, 'anna@acme.example', 'Acme')")
    now = timezone.now()
    sent = Delivery.objects.create(
        account=made.account, newsletter=made.newsletter, database=made.database, title="Sent", subject="Sent",
        status="sent", size=1, started_at=now, ended_at=now, measured="cw", run=made.run, source="xml",
    )  # fmt: skip
    message = Message.objects.create(
        delivery=sent, recipient_id=8000007, address="anna@acme.example", status="delivered", outcome_at=now
    )
    Link.objects.create(delivery=sent, number=1, url="https://acme.example/")
    Event.objects.create(
        account=made.account, delivery=sent, message=message, at=now, action="c", origin="person", reference="1"
    )
    mend(sent.pk)
    made.run.delivery = made.run.duplicate_of = None
    made.run.save()
    return made


def kind(url):
    """Return what kind of page an address leads to: its view, its tab, and the first thing that it asks for."""
    path, _sign, query = url.partition("?")
    tab = re.search(r"tab=\w+", query)
    return resolve(path).view_name, tab[0] if tab else query.partition("=")[0].removeprefix("_changelist_filters")


def faults(url, page):
    """Return the places of a page where an id is written as an amount."""
    for node in page.css("*"):
        for name, value in node.attributes.items():
            if name not in FOR_READERS and SEPARATED.search(value or ""):
                yield f"{url}: <{node.tag} {name}={value!r}>"
    for script in page.css("script"):
        if found := SEPARATED.search(script.text()):
            yield f"{url}: a script says {found[0]}"


def addresses(page, base):
    for node in page.css("[href], [action], [data-live], [data-summary], [hx-get], [src]"):
        for name in ("href", "action", "data-live", "data-summary", "hx-get", "src"):
            address = (node.attributes.get(name) or "").partition("#")[0]
            if address.startswith("?"):
                address = base.partition("?")[0] + address
            if address.startswith("/") and not address.startswith(LEADS_OUT):
                yield address


def test_no_page_writes_an_id_as_an_amount(house, boss):
    seen, waiting, found = set(), ["/admin/"], []
    while waiting:
        url = waiting.pop(0)
        answer = boss.get(url)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            b"".join(answer)  # a file that goes out, which ends with its last byte
            continue
        page = LexborHTMLParser(answer.content.decode())
        found += faults(url, page)
        for address in addresses(page, url):
            try:
                what = kind(address)
            except Resolver404:
                found.append(f"{url}: leads to {address}, which is no page")
                continue
            if what not in seen:
                seen.add(what)
                waiting.append(address)
    assert len(seen) > 100, sorted(map(str, seen))
    assert not found, "\n".join(found)
