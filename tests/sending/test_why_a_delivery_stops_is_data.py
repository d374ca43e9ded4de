"""Reference 5: why a delivery failed or waits is kept as data, and read in the language of who reads it."""

import pytest
from django.utils import timezone, translation

from deliveries.admin.shell.activity import details_of
from deliveries.models import Activity, Delivery
from deliveries.sending.ledger.records import Outcome
from deliveries.sending.lifecycle import fail, start
from deliveries.sending.worker import policy_refusals
from recipients.faults import Fault
from tests.sending.conftest import make_delivery, make_going

pytestmark = pytest.mark.django_db


def read(delivery: Delivery, language: str) -> str:
    with translation.override(language):
        return Delivery.objects.get(pk=delivery.pk).note


def test_a_delivery_without_anybody_fails_with_a_reason_in_each_language(shop):
    delivery = make_delivery(shop, status="scheduled", start_at=timezone.now())
    start.begin(delivery.pk)
    assert (read(delivery, "en"), read(delivery, "it")) == ("nobody to write to", "nessuno a cui scrivere")


def test_what_the_relay_said_is_hidden_in_the_history_from_who_may_not_see_people(shop):
    delivery = make_going(shop, 1)
    refused = Outcome(1, 1, True, "bounced", code=550, reply="5.7.1 ada@shop.example is not welcome", category=7)
    fail.pause(delivery.pk, policy_refusals.policy_fault(refused))
    row = Activity.objects.get(delivery=delivery, verb="paused")
    assert "550 5.7.1 ada@shop.example" in details_of(row, people=True)
    assert "ada" not in details_of(row, people=False)
    assert "find out why" in details_of(row, people=False)
    with translation.override("it"):
        assert "rifiuta per politica" in details_of(row, people=True)


def test_a_reason_of_an_older_release_is_read_as_it_was_written(shop):
    delivery = make_going(shop, 1, status="failed", fault=Fault.written("the sender is unknown").as_json())
    assert read(delivery, "it") == "the sender is unknown"
