import itertools
from datetime import UTC, datetime

import pytest

from deliveries.models import Delivery, Event, Message, Newsletter
from deliveries.statistics.mend import mend
from recipients.models import Account, Database

numbers = itertools.count(1)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def delivery(db):
    account = Account.objects.create(name="Shop")
    database = Database.objects.create(account=account, name="Customers")
    newsletter = Newsletter.objects.create(
        account=account, database=database, name="Offers", from_address="news@shop.example"
    )
    return Delivery.objects.create(
        account=account,
        database=database,
        newsletter=newsletter,
        title="Winter",
        status="sending",
        started_at=NOON,
        measured="vcw",
    )


@pytest.fixture
def message(delivery):
    def make(status, **values):
        number = next(numbers)
        address = values.pop("address", f"p{number}@mail.example")
        if status == "sending":
            values |= {"attempt": 1, "owner": 1, "intent_at": NOON}
        return Message.objects.create(
            delivery=delivery, recipient_id=number, address=address, status=status, outcome_at=NOON, **values
        )

    return make


@pytest.fixture
def event(delivery):
    def make(message, action, origin="person", **values):
        made = Event.objects.create(
            account=delivery.account,
            delivery=delivery,
            message=message,
            at=NOON,
            action=action,
            origin=origin,
            **values,
        )
        mend(delivery.pk)
        return made

    return make
