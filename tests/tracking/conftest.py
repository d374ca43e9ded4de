import itertools
from datetime import UTC, datetime, timedelta

import pytest

from deliveries.models import Content, Delivery, Link, Message, Newsletter
from deliveries.tracking.classifier.classify import classify
from deliveries.tracking.hits import recorder
from deliveries.tracking.hits.recorder import Arrival
from recipients.models import Account, Database

numbers = itertools.count(1)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
)


def make_delivery(name="Shop", **values):
    account, _made = Account.objects.get_or_create(name=name)
    database, _made = Database.objects.get_or_create(account=account, name="Customers")
    newsletter, _made = Newsletter.objects.get_or_create(
        account=account, database=database, name="Offers", defaults={"from_address": "news@shop.example"}
    )
    delivery = Delivery.objects.create(
        **{
            "account": account,
            "database": database,
            "newsletter": newsletter,
            "title": "Winter",
            "status": "sent",
            "started_at": NOON,
            "measured": "vcw",
            **values,
        }
    )
    Content.objects.create(delivery=delivery, from_address="news@shop.example", tracking="individual")
    for number in range(1, 6):
        Link.objects.create(delivery=delivery, number=number, url=f"https://shop.example/{number}")
    return delivery


@pytest.fixture
def delivery(db):
    return make_delivery()


@pytest.fixture
def message(delivery):
    def make(of=delivery, **values):
        number = next(numbers)
        values = {"status": "delivered", "address": f"p{number}@mail.example", "outcome_at": NOON, **values}
        return Message.objects.create(delivery=of, recipient_id=number, **values)

    return make


@pytest.fixture
def hit():
    def arrives(kind, message=None, *, after=0.0, delivery=None, **values):
        """Write a raw hit `after` seconds after noon."""
        seen = {"link": 1 if kind == "c" else None, "target": "", "ip": "192.0.2.7", "agent": BROWSER}
        seen |= {"method": "GET", "purpose": ""} | values
        of = delivery.pk if delivery else message.delivery_id if kind == "c" else None  # a pixel names its message
        at = NOON + timedelta(hours=1, seconds=after)
        recorder.write([Arrival(at, kind, of, message.pk if message else None, **seen)])

    return arrives


@pytest.fixture
def classified():
    def run(most=5_000):
        """Classify all there is, so many at a time; return how many that was."""
        return sum(iter(lambda: classify(most), 0))

    return run
