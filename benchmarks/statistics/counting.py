"""Whether a delivery goes out as fast while hits are classified and reports are read."""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Final

from django.db import connection
from django.utils import timezone

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MANAGE, running, wait_for
from benchmarks.sending import mailing
from benchmarks.sending.sending_run import send
from benchmarks.sending.sink import sink
from benchmarks.statistics import made_deliveries
from deliveries.models import Delivery, Message, Worker
from deliveries.statistics.report import report
from deliveries.tracking.hits.recorder import Arrival, write

METHOD: Final = """\
counting: {messages:,} messages sent as in `sending`, alone and while 200 hits a second come to another delivery, a
clock classifies them and its report is read once a second; three rounds, alternating, the best of either."""
ROUNDS: Final = 3
PEOPLE: Final = 5_000
BATCH: Final = 20
PAUSE: Final = 0.1


class _Audience(threading.Thread):
    """Writes hits as the web does, and reads the report, until it is stopped."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(name="audience")
        self.delivery, self.over = delivery, threading.Event()
        self.ids = list(Message.objects.filter(delivery=delivery).values_list("id", flat=True))

    def run(self) -> None:
        whole = Delivery.objects.select_related("newsletter", "database", "filter")
        at = 0
        while not self.over.wait(PAUSE):
            now = timezone.now()
            some = [self.ids[(at + n) % len(self.ids)] for n in range(BATCH)]
            write([Arrival(now, "o", None, one, None, "", "192.0.2.1", "Mozilla/5.0", "GET", "") for one in some])
            if at // BATCH % 10 == 0:
                report(whole.get(pk=self.delivery.pk))
            at += BATCH
        connection.close()


@contextlib.contextmanager
def _watched(delivery: Delivery) -> Iterator[None]:
    """Have hits come, classified and counted, for a block; it begins once the clock works."""
    audience = _Audience(delivery)
    with running(*MANAGE, "clock") as clock:
        wait_for(Worker.objects.filter(kind="clock", pid=clock.pid, ended_at=None).exists, "the clock")
        audience.start()
        try:
            yield
        finally:
            audience.over.set()
            audience.join()


def measure(sizes: Sizes) -> Iterator[Row]:
    """Send alone and with an audience by turns."""
    senders = os.cpu_count() or 1
    other = made_deliveries.delivery("watched", PEOPLE)
    alone, watched = [], []
    with sink() as server:
        for _round in range(ROUNDS):
            alone.append(send(server, mailing.paused(sizes.messages), senders).rate)
            with _watched(other):
                watched.append(send(server, mailing.paused(sizes.messages), senders).rate)
    yield Row("sending alone", max(alone), "messages/s")
    yield Row(
        "sending while hits are classified", max(watched), "messages/s", max(watched) / max(alone), at_least=0.9
    )
