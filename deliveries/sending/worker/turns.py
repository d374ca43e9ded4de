"""Whose message is next: transactional mail first, then accounts by turns, and the ranges of each by turns."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from typing import Final

from deliveries.sending.worker.jobs import Job, LeasedRange
from deliveries.sending.worker.rates import Rates

_OF_A_DOMAIN: Final = 2  # colons in the key of a domain's rate


class _Circle:
    """Ranges by account. A large delivery has no more turns than a small one, nor an account with many of them."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._accounts: OrderedDict[int, deque[LeasedRange]] = OrderedDict()

    def add(self, shelf: LeasedRange) -> None:
        self._accounts.setdefault(shelf.mailing.account_id, deque()).append(shelf)

    def remove(self, shelf: LeasedRange) -> None:
        account = shelf.mailing.account_id
        self._accounts[account].remove(shelf)
        if not self._accounts[account]:
            del self._accounts[account]

    def next(self) -> Job | None:
        for account in list(self._accounts):
            shelves = self._accounts[account]
            self._accounts.move_to_end(account)
            for _ in range(len(shelves)):
                shelf = shelves[0]
                shelves.rotate(-1)
                job = self._of(shelf)
                if job is not None:
                    return job
        return None

    def _of(self, shelf: LeasedRange) -> Job | None:
        """Return the next job of a range that its rates let go; those whose domain's rate lacks stand aside."""
        while shelf.ready:
            job = shelf.ready.popleft()
            lacking = self._rates.admits(job)
            if not lacking:
                shelf.waits_since = None
                return job
            if lacking.count(":") < _OF_A_DOMAIN:
                shelf.ready.appendleft(job)
                break
            shelf.aside.setdefault(lacking, deque()).append(job)
        if shelf.waiting and shelf.waits_since is None:
            shelf.waits_since = time.monotonic()
        return None


class Turns:
    """The jobs that are ready, and the connections that wait for one."""

    def __init__(self) -> None:
        self.rates = Rates()
        self._urgent, self._ordinary = _Circle(self.rates), _Circle(self.rates)
        self._again: list[Job] = []
        self._waiters: deque[asyncio.Future[None]] = deque()
        self.ranges: list[LeasedRange] = []

    def _circle(self, shelf: LeasedRange) -> _Circle:
        return self._ordinary if shelf.mailing.marketing else self._urgent

    def add(self, shelf: LeasedRange) -> None:
        """Let a leased range take part."""
        self.ranges.append(shelf)
        self._circle(shelf).add(shelf)

    def remove(self, shelf: LeasedRange) -> None:
        """Forget a range that is over."""
        self.ranges.remove(shelf)
        self._circle(shelf).remove(shelf)

    def ready(self) -> int:
        """Return how many jobs could be taken at once."""
        return sum(len(shelf.ready) for shelf in self.ranges if shelf.waits_since is None)

    def hand_out(self, shelf: LeasedRange, jobs: Iterable[Job]) -> None:
        """Make jobs of a range ready."""
        before = len(shelf.ready)
        shelf.ready.extend(jobs)
        more = len(shelf.ready) - before
        shelf.out += more
        self._wake(more)

    def obey(self, limits: dict[str, int]) -> None:
        """Obey these rates from now on; what stood aside for one that is lifted is ready again."""
        lifted = self.rates.limits.keys() - limits.keys()
        self.rates.set_limits(limits)
        for shelf in self.ranges:
            for key in shelf.aside.keys() & lifted:
                shelf.ready.extendleft(reversed(shelf.aside.pop(key)))
        if lifted:
            self._wake(sum(len(shelf.ready) for shelf in self.ranges))

    def admit(self, given: Mapping[str, int]) -> None:
        """Use tokens that the database gave: jobs that stood aside for them are ready again."""
        self.rates.add(given)
        for key in [key for key, number in given.items() if number]:
            for shelf in self.ranges:
                if key in shelf.aside:
                    shelf.ready.extendleft(reversed(shelf.aside.pop(key)))
        self._wake(sum(given.values()))

    def put_back(self, job: Job) -> None:
        """Let another connection try a job next."""
        self._again.append(job)
        self._wake(1)

    def take_waiting(self) -> Job | None:
        """Return the next job if there is one at once; those put back come first."""
        if self._again:
            return self._again.pop()
        return self._urgent.next() or self._ordinary.next()

    async def take(self) -> Job:
        """Return the next job, waiting until there is one."""
        while True:
            job = self.take_waiting()
            if job is not None:
                return job
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def _wake(self, most: int) -> None:
        while most > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                most -= 1
