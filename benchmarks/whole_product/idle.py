"""Many spaces on which nothing lies."""

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from benchmarks.measuring import process_costs, space_server
from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MANAGE, MeasurementError, running, wait_for
from benchmarks.whole_product.dead_host import dead_host
from deliveries.models import SftpSpace
from recipients.models import Account
from tests.runs.sshd import Sshd

METHOD: Final = """\
idle: {spaces} spaces, polled every 10 s, of OpenSSH's sshd with nothing on them, one of them on a host that lets
connections hang; one clock and one cluster, from their first look at each space for {idle_seconds} s. Counted is
the CPU time of all their processes, without sshd and PostgreSQL; the longest gap is that of the worst space."""
POLL: Final = 10
LOOK: Final = 0.5
SLACK: Final = 2


class Polls:
    """When each space was polled, looked at often enough to see every poll."""

    def __init__(self, spaces: QuerySet[SftpSpace]) -> None:
        self._spaces = spaces
        self._last = dict(self._polled())
        self.longest = 0.0
        self.count = 0

    def _polled(self) -> list[tuple[int, datetime]]:
        found = self._spaces.values_list("pk", "last_poll_at")
        return [(space, polled) for space, polled in found if polled is not None]

    def look(self) -> None:
        """Note the polls since the last look."""
        for space, polled in self._polled():
            if polled > self._last[space]:
                self._waited(space, polled)
                self._last[space] = polled
                self.count += 1

    def end(self) -> None:
        """Count the waits that are not over yet too."""
        self.look()
        now = timezone.now()
        for space in self._last:
            self._waited(space, now)

    def _waited(self, space: int, until: datetime) -> None:
        self.longest = max(self.longest, (until - self._last[space]).total_seconds())


def prepare(spaces: int, host: Sshd, dead_port: int) -> QuerySet[SftpSpace]:
    """Make the spaces, all due at once; returns those that live."""
    account, _made = Account.objects.get_or_create(name="Bench of idling")
    for number in range(spaces - 1):
        space_server.space(account, host, f"space{number}", poll_seconds=POLL)
    dead = space_server.space(account, host, "dead", poll_seconds=POLL, port=dead_port)
    return SftpSpace.objects.filter(account=account).exclude(pk=dead.pk)


def watch(spaces: QuerySet[SftpSpace], seconds: int) -> Polls:
    """Look at the polls for so long; raises MeasurementError if one failed."""
    polls = Polls(spaces)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(LOOK)
        polls.look()
    polls.end()
    bad = spaces.exclude(failing_since=None).first()
    if bad is not None:
        raise MeasurementError(f"a space that lives could not be polled: {bad.last_error}")
    return polls


def measure(sizes: Sizes) -> Iterator[Row]:
    """Start clock and cluster, wait for a first look at every space, then watch."""
    with space_server.sshd() as host, dead_host() as port, contextlib.ExitStack() as stack:
        spaces = prepare(sizes.spaces, host, port)
        clock, cluster = (stack.enter_context(running(*MANAGE, name)).pid for name in ("clock", "qcluster"))
        wait_for(lambda: not spaces.filter(last_poll_at=None).exists(), "a first poll of every space", 120)
        before, began = (process_costs.cpu(clock), process_costs.cpu(cluster)), time.monotonic()
        polls = watch(spaces, sizes.idle_seconds)
        after, took = (process_costs.cpu(clock), process_costs.cpu(cluster)), time.monotonic() - began
    by_clock, by_cluster = (100 * (end - start) / took for start, end in zip(before, after, strict=True))
    yield Row("CPU of clock and cluster", by_clock + by_cluster, "% of a core", at_most=10)
    yield Row("the clock's share of it", by_clock, "% of a core")
    yield Row("a poll, all of it counted", 10 * (by_clock + by_cluster) * took / max(polls.count, 1), "ms of CPU")
    yield Row("longest gap between two polls of a space that lives", polls.longest, "s", at_most=POLL + SLACK)
