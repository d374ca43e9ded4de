"""One delivery sent by real sender processes: how fast, and what it cost each process."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psutil
from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from benchmarks.measuring import process_costs
from benchmarks.measuring.processes import MANAGE, MeasurementError, running, wait_for
from benchmarks.sending.sink import Sink
from deliveries.models import Delivery, Message, SendingRange, Worker

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
    def cores(self) -> float:
        """Return how many cores were busy with it."""
        return self.rate * self.cpu_of_all / _MICROSECONDS

    @property
    def cpu_of_all(self) -> float:
        """Return the microseconds of all processes together."""
        return sum(self.cpu.values())


def send(sink: Sink, delivery: Delivery, senders: int) -> Sent:
    """Send a paused delivery; raises MeasurementError where a message was neither delivered nor put off."""
    size = Message.objects.filter(delivery=delivery).count()
    variables = {"XMLD_SMTP_URL": f"smtp://127.0.0.1:{sink.port}", "XMLD_STOP_SECONDS": "2"}
    with contextlib.ExitStack() as stack:
        pids = [stack.enter_context(running(*MANAGE, "sender", **variables)).pid for _sender in range(senders)]
        enrolled = Worker.objects.filter(kind="sender", pid__in=pids, ended_at=None)
        wait_for(lambda: enrolled.count() == senders, "the senders")
        used = _meter(sink, pids)
        before = used()
        Delivery.objects.filter(pk=delivery.pk).update(status="sending")
        wait_for(lambda: _is_through(delivery), "the end of the delivery", LONGEST, pause=0.2)
        after = used()
        memory = max(psutil.Process(pid).memory_info().rss for pid in pids) / 1e6
    each = {name: (after[name] - before[name]) / size * _MICROSECONDS for name in after}
    return Sent(_rate(delivery, size), each, memory)


def _is_through(delivery: Delivery) -> bool:
    """Return whether nothing of it is to be tried now: its ranges are gone, or wait for a retry."""
    ranges = SendingRange.objects.filter(delivery=delivery)
    return not ranges.exclude(owner=None, due_at__gt=timezone.now()).exists()


def _rate(delivery: Delivery, size: int) -> float:
    tried = Message.objects.filter(delivery=delivery, status__in=("delivered", "deferred"))
    if tried.count() != size:
        raise MeasurementError(f"only {tried.count()} of {size} were delivered or put off")
    span = tried.aggregate(first=Min("intent_at"), last=Max("outcome_at"))
    return float(size / (span["last"] - span["first"]).total_seconds())


def _meter(sink: Sink, senders: list[int]) -> Callable[[], dict[str, float]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0]).ppid()
    return lambda: {
        "the sink": process_costs.cpu(sink.pid),
        "PostgreSQL": process_costs.cpu(server),
        "the senders": sum(map(process_costs.cpu, senders)),
    }
