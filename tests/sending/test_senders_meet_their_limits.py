"""Reference 5.3: memory runs out, the clock jumps under working senders, the relay is killed."""

import resource

import pytest
from django.db import connection

from deliveries import conf
from deliveries.models import Delivery, Message, SendingRange
from deliveries.sending.ledger import sweeper
from tests.sending.conftest import forget_workers, make_going, statuses
from tests.sending.smtp_server import Gate
from tests.waiting import wait_for


def _open(delivery) -> int:
    return Message.objects.filter(delivery=delivery, status__in=["pending", "sending", "deferred"]).count()


def _agree(delivery, smtp, most_doubts: int):
    """Nobody twice; who is called delivered has it; the others are in doubt, no more than could be."""
    copies, left = smtp.copies(), statuses(delivery)
    assert max(copies.values()) == 1
    assert set(left) <= {"delivered", "in_doubt"}
    assert left["in_doubt"] <= most_doubts
    for address in Message.objects.filter(delivery=delivery, status="delivered").values_list("address", flat=True):
        assert copies[address] == 1


def _virtual_memory(pid: int) -> int:
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123  /proc
        return int(file.read().split()[0]) * resource.getpagesize()


def test_97_a_sender_that_runs_out_of_memory_loses_and_doubles_nothing(senders, smtp, shop):
    delivery = make_going(shop, 300)  # more than all connections hold, two each once the gate is open
    delivery.content.html = f"<html><body>{'<p>Ciao ${nome}$ e tutti</p>' * 10_000}</body></html>"
    delivery.content.save()
    gate = smtp.script = Gate(10)
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) == 10, "some progress")
    most = _virtual_memory(process.pid)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (most, most))
    gate.open()
    wait_for(lambda: process.poll() is not None, "its end")
    code, errors = senders.reap(process)
    assert code != 0
    assert "MemoryError" in errors
    forget_workers()
    sweeper.sweep()
    second = senders.start()
    wait_for(lambda: not _open(delivery), "the end")
    assert senders.stop(second)[0] == 0
    _agree(delivery, smtp, conf.connections())


@pytest.mark.parametrize("hours", [1, -1])
def test_98_a_clock_that_jumps_an_hour_under_working_senders_loses_and_doubles_nothing(senders, smtp, shop, hours):
    delivery = make_going(shop, 400, width=200)
    both = [senders.start(), senders.start()]
    wait_for(lambda: len(smtp.accepted) >= 50, "some progress")
    with connection.cursor() as cursor:  # the clock going ahead makes all that stands written lie further back
        cursor.execute("UPDATE deliveries_worker SET heartbeat_at = heartbeat_at - %s * interval '1 hour'", [hours])
        cursor.execute(
            "UPDATE deliveries_sendingrange SET lease_until = lease_until - %s * interval '1 hour'", [hours]
        )
    sweeper.sweep()
    wait_for(lambda: not _open(delivery) and not SendingRange.objects.exists(), "the end")
    for process in both:
        assert senders.stop(process)[0] == 0
    assert statuses(delivery) == {"delivered": 400}
    assert set(smtp.copies().values()) == {1}


def test_115_a_relay_killed_under_load_and_started_again_gets_each_message_once(senders, smtp, shop):
    delivery = make_going(shop, 400)
    gate = smtp.script = Gate(0)
    process = senders.start()
    for step in (1, 2):
        gate.let(80 * step)
        wait_for(lambda step=step: len(smtp.accepted) >= 80 * step, "some progress")
        smtp.kill()
        gate.let(80 * step + 40)  # so many are at their dot, and find nobody to answer to
        wait_for(lambda step=step: senders.said(process).count("rests") >= step, "the relay found away")
        smtp.start()
    gate.open()
    wait_for(lambda: not _open(delivery), "the end")
    code, errors = senders.stop(process)
    assert code == 0, errors
    assert "rests" in errors
    _agree(delivery, smtp, 2 * conf.connections())
    assert Delivery.objects.get(id=delivery.pk).status == "sent"
