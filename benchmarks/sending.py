"""Sending a delivery."""

import contextlib
import os
from collections.abc import Iterator
from typing import Final

from django.db.models import Max, Min

from benchmarks import mailing
from benchmarks.figures import Row, Sizes
from benchmarks.processes import MANAGE, MeasurementError, running, wait_for
from benchmarks.sink import sink, source_rate
from deliveries.models import Delivery, Message, Worker

METHOD: Final = """\
sending: {messages:,} personalised messages of 20 KB out of PostgreSQL with its ledger, by a sender a core, against
`smtp-source -d` with one constant text of that size in 10, 48 or 96 sessions, both into the same smtp-sink.
{rounds} rounds, alternating; the best rate of either side counts, ours from first intent to last outcome."""
SESSIONS: Final = (10, 48, 96)
SIZE: Final = 20_000
LONGEST: Final = 900.0


def sender_rate(port: int, messages: int, senders: int) -> float:
    """Return messages a second of real sender processes, from the first intent to the last outcome."""
    delivery = mailing.paused(messages)
    variables = {"XMLD_SMTP_URL": f"smtp://127.0.0.1:{port}", "XMLD_STOP_SECONDS": "2"}
    with contextlib.ExitStack() as stack:
        pids = [stack.enter_context(running(*MANAGE, "sender", **variables)).pid for _sender in range(senders)]
        enrolled = Worker.objects.filter(kind="sender", pid__in=pids, ended_at=None)
        wait_for(lambda: enrolled.count() == senders, "the senders")
        Delivery.objects.filter(pk=delivery.pk).update(status="sending")
        sent = Delivery.objects.filter(pk=delivery.pk, status="sent")
        wait_for(sent.exists, "the end of the delivery", LONGEST, pause=0.2)
    delivered = Message.objects.filter(delivery=delivery, status="delivered")
    if delivered.count() != messages:
        raise MeasurementError(f"only {delivered.count()} of {messages} were delivered")
    span = delivered.aggregate(first=Min("intent_at"), last=Max("outcome_at"))
    return messages / (span["last"] - span["first"]).total_seconds()


def measure(sizes: Sizes) -> Iterator[Row]:
    """Alternate smtp-source in three ways and our senders."""
    senders = os.cpu_count() or 1
    theirs: dict[int, list[float]] = {sessions: [] for sessions in SESSIONS}
    ours = []
    with sink() as port:
        for _round in range(sizes.rounds):
            for sessions, rates in theirs.items():
                rates.append(source_rate(port, sessions, sizes.messages, SIZE))
            ours.append(sender_rate(port, sizes.messages, senders))
    best = max(max(rates) for rates in theirs.values())
    for sessions, rates in theirs.items():
        yield Row(f"smtp-source -d -s {sessions}", max(rates), "messages/s", max(rates) / best)
    yield Row(f"sender x {senders}", max(ours), "messages/s", max(ours) / best, at_least=0.8)
