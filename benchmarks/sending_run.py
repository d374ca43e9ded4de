"""One delivery sent by real sender processes: how fast, and what it cost each process."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psutil
from django.db import connection
from django.db.models import Max, Min

from benchmarks import trees
from benchmarks.processes import MANAGE, MeasurementError, running, wait_for
from benchmarks.sink import Sink
from deliveries.models import Delivery, Message, Worker

LONGEST: Final = 900.0
_MICROSECONDS: Final = 1e6


@dataclass(frozen=True, slots=True)
class Sent:
    """`rate` is messages a second from the first intent to the last outcome, `cpu` microseconds a message of each.

    `memory` is the largest sender's resident set at the end, in MB.
    """

    rate: float
    cpu: dict[str, float]
    memory: float

    @property
    def cpu_of_all(self) -> float:
        """Return the microseconds of all processes together."""
        return sum(self.cpu.values())


def send(sink: Sink, delivery: Delivery, senders: int) -> Sent:
    """Send a paused delivery; raises MeasurementError where a message was not delivered."""
    variables = {"XMLD_SMTP_URL": f"smtp://127.0.0.1:{sink.port}", "XMLD_STOP_SECONDS": "2"}
    with contextlib.ExitStack() as stack:
        pids = [stack.enter_context(running(*MANAGE, "sender", **variables)).pid for _sender in range(senders)]
        enrolled = Worker.objects.filter(kind="sender", pid__in=pids, ended_at=None)
        wait_for(lambda: enrolled.count() == senders, "the senders")
        used = _meter(sink, pids)
        before = used()
        Delivery.objects.filter(pk=delivery.pk).update(status="sending")
        sent = Delivery.objects.filter(pk=delivery.pk, status="sent")
        wait_for(sent.exists, "the end of the delivery", LONGEST, pause=0.2)
        after = used()
        memory = max(psutil.Process(pid).memory_info().rss for pid in pids) / 1e6
    each = {name: (after[name] - before[name]) / delivery.size * _MICROSECONDS for name in after}
    return Sent(_rate(delivery), each, memory)


def _rate(delivery: Delivery) -> float:
    delivered = Message.objects.filter(delivery=delivery, status="delivered")
    if delivered.count() != delivery.size:
        raise MeasurementError(f"only {delivered.count()} of {delivery.size} were delivered")
    span = delivered.aggregate(first=Min("intent_at"), last=Max("outcome_at"))
    return float(delivery.size / (span["last"] - span["first"]).total_seconds())


def _meter(sink: Sink, senders: list[int]) -> Callable[[], dict[str, float]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0]).ppid()
    return lambda: {
        "the sink": trees.cpu(sink.pid),
        "PostgreSQL": trees.cpu(server),
        "the senders": sum(map(trees.cpu, senders)),
    }
