"""10,000 hits of ten kinds of machines unsubscribe nobody and add to no person's figure."""

from datetime import timedelta

import pytest
from django.test import Client

from deliveries import tokens
from deliveries.models import Event, Message, Subscription
from deliveries.statistics.figures import figures
from deliveries.tokens import HIDDEN_LINK, Purpose
from deliveries.tracking.hits.recorder import Arrival, write
from recipients.models import BlacklistEntry
from tests.tracking.conftest import BROWSER, NOON

MACHINES = [
    {"method": "HEAD"},
    {"agent": "Mozilla/5.0 (compatible; BarracudaCentral Link Protection)"},
    {"agent": "Mimecast URL Protect"},
    {"agent": "Mozilla/5.0 (Proofpoint URL Defense)"},
    {"agent": "Microsoft Office Existence Discovery"},
    {"agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"},
    {"agent": "Mozilla/5.0", "kind": "o"},  # Apple's prefetch
    {"ip": "17.58.0.9", "kind": "o"},
    {"purpose": "prefetch;anonymous-client-ip"},
    {"burst": True, "kind": "c", "ip": "198.51.100.40"},
    {"follows": True, "kind": "c", "ip": "198.51.100.41"},
]
MOST, PEOPLE = 10_000, 50


def storm(delivery, ids):
    """Yield hits that come in a row, ten kinds by turns."""
    after = 0.0
    sent = 0
    while sent < MOST:
        for number, sign in enumerate(MACHINES):
            message = ids[(sent // len(MACHINES) + number) % PEOPLE]
            kind = sign.get("kind") or "oc"[sent % 2]
            links = [1, 2, 3] if sign.get("burst") else [HIDDEN_LINK, 2] if sign.get("follows") else [1 + sent % 5]
            after += 0.01
            for link in links:
                yield Arrival(
                    at=NOON + timedelta(seconds=after), kind=kind, delivery_id=delivery.pk, message_id=message,
                    link=link if kind == "c" else None, target="", ip=sign.get("ip", "192.0.2.66"),
                    agent=sign.get("agent", BROWSER), method=sign.get("method", "GET"),
                    purpose=sign.get("purpose", ""),
                )  # fmt: skip
                sent += 1


@pytest.mark.sentence("6-03")
def test_a_storm_of_scanners_is_nobody(delivery, message, classified):
    ids = [message().pk for _ in range(PEOPLE)]
    hits = list(storm(delivery, ids))
    for first in range(0, len(hits), 1_000):
        write(hits[first : first + 1_000])
        classified(700)
    scanner = Client(headers={"User-Agent": "Mimecast URL Protect"})
    for who in ids:
        url = f"/u/{tokens.make(Purpose.UNSUBSCRIBE, who)}"
        assert (scanner.get(url).status_code, scanner.head(url).status_code) == (200, 200)
    mine = figures([delivery.pk])[delivery.pk]
    people = ("views", "hidden_views", "unique_views", "web_views", "clicks", "unique_clicks", "unsubscribed")
    assert {name: mine[name] for name in people} == dict.fromkeys(people, 0)
    assert mine["list_unsubscribed"] == mine["blacklisted"] == 0
    assert mine["machine_views"] + mine["machine_clicks"] == len(hits) >= MOST
    assert set(Event.objects.values_list("origin", flat=True)) == {"machine"}
    assert not Subscription.objects.exists()
    assert not BlacklistEntry.objects.exists()
    assert not Message.objects.exclude(first_view_at=None, first_click_at=None).exists()
