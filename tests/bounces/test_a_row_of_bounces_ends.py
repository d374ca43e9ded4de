"""Reference 7: five days after a delivered message without a bounce, a row of bounces is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries.messages import bounce_effects
from deliveries.models import Delivery
from recipients import suppressions
from recipients.models import Account, BlacklistEntry

ADDRESS = "anna@mail.example"


@pytest.fixture
def bounced(delivery):
    suppressions.record_bounce(delivery.account, ADDRESS, 3, timezone.now())
    BlacklistEntry.objects.update(updated_at=timezone.now() - timedelta(days=15))
    Delivery.objects.update(started_at=timezone.now() - timedelta(days=10))
    return delivery.account


@pytest.mark.parametrize(
    ("days", "status", "address", "ends"),
    [
        (6, "delivered", "Anna@mail.example", True),
        (4, "delivered", ADDRESS, False),
        (6, "bounced", ADDRESS, False),
        (6, "delivered", "bert@mail.example", False),
        (16, "delivered", ADDRESS, False),
    ],
)
@pytest.mark.sentence("7-07")
def test_only_a_later_message_that_came_through_ends_it(bounced, sent, days, status, address, ends):
    sent(address, status, outcome_at=timezone.now() - timedelta(days=days))
    assert bounce_effects.clear_settled() == int(ends)
    assert suppressions.state_of(bounced, ADDRESS).count == int(not ends)


@pytest.mark.sentence("7-07")
def test_how_many_days_is_a_setting(bounced, sent, settings):
    sent(outcome_at=timezone.now() - timedelta(days=4))
    settings.BOUNCE_CLEAR_DAYS = 3
    assert bounce_effects.clear_settled() == 1


def test_another_accounts_and_permanent_entries_stay(bounced, sent):
    other = Account.objects.create(name="Other")
    suppressions.record_bounce(other, ADDRESS, 3, timezone.now())
    suppressions.record_bounce(bounced, "gone@mail.example", 1, timezone.now())
    BlacklistEntry.objects.update(updated_at=timezone.now() - timedelta(days=15))
    for address in (ADDRESS, "gone@mail.example"):
        sent(address, outcome_at=timezone.now() - timedelta(days=6))
    assert bounce_effects.clear_settled() == 1
    assert BlacklistEntry.objects.count() == 2
