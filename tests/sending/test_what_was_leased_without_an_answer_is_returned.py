"""A database that goes away while a sender leases holds nothing back for the minute of a lease (reference 5.3)."""

import asyncio

import pytest

from deliveries import workers
from deliveries.models import SendingRange
from deliveries.relay.address import read_address
from deliveries.sending.database.away import DatabaseAway
from deliveries.sending.database.database_thread import DatabaseThread
from deliveries.sending.ledger import ranges
from deliveries.sending.smtp.backoff import Relay
from deliveries.sending.worker import feeder
from deliveries.sending.worker.dispatcher import Dispatcher
from deliveries.sending.worker.group_commit import Waves
from tests.sending.conftest import make_going


def test_what_is_not_in_hand_goes_back_and_what_is_stays(shop):
    make_going(shop, 2, width=1)
    owner, other = workers.enrol_sender(), workers.enrol_sender()
    held, lost = ranges.lease(owner, {}), ranges.lease(owner, {})
    ranges.give_back_strays(other, [])
    ranges.give_back_strays(owner, [held.pk])
    assert dict(SendingRange.objects.values_list("id", "owner")) == {held.pk: owner, lost.pk: None}
    assert ranges.lease(other, {}).pk == lost.pk


def test_a_sender_leases_again_what_it_was_not_told_of(shop, monkeypatch):
    make_going(shop, 2)
    away, real = [DatabaseAway("cut")], feeder._compiled

    def cut_once(delivery_id):
        if away:
            raise away.pop()
        return real(delivery_id)

    async def feed():
        reading, ledger = DatabaseThread("reading"), DatabaseThread("ledger")
        owner = await reading.run(workers.enrol_sender)
        dispatcher = Dispatcher(Waves(owner, ledger), Relay(read_address("smtp://127.0.0.1:1")))
        fed = feeder.Feeder(owner, dispatcher, reading)
        with pytest.raises(DatabaseAway):
            await fed.step()
        assert not fed.held
        await fed.step()
        reading.close(), ledger.close()
        return [leased.row.pk for leased in fed.held]

    monkeypatch.setattr(feeder, "_compiled", cut_once)
    assert asyncio.run(feed()) == [SendingRange.objects.get().pk]
