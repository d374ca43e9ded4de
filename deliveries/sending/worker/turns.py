"""Whose message is next: transactional mail first, then accounts by turns, and the ranges of each by turns."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from deliveries.sending.worker.jobs import MOST_LARGE, Job, LeasedRange, Room
from deliveries.sending.worker.rates import Rates

_OF_A_DOMAIN: Final = 2  # colons in the key of a domain's rate


class _Circle:
    """Ranges by account. A large delivery has no more turns than a small one, nor an account with many of them."""

    def __init__(self, rates: Rates, room: Room) -> None:
        self._rates = rates
        self._room = room
        self._accounts: OrderedDict[int, deque[LeasedRange]] = OrderedDict()

    def add(self, leased: LeasedRange) -> None:
        self._accounts.setdefault(leased.mailing.account_id, deque()).append(leased)

    def remove(self, leased: LeasedRange) -> None:
        account = leased.mailing.account_id
        self._accounts[account].remove(leased)
        if not self._accounts[account]:
            del self._accounts[account]

    def next(self) -> Job | None:
        if not self._accounts:
            return None
        for account in list(self._accounts):
            own = self._accounts[account]
            self._accounts.move_to_end(account)
            for _ in range(len(own)):
                leased = own[0]
                own.rotate(-1)  # the account's next range has the next turn
                job = self._of(leased)
                if job is not None:
                    return job
        return None

    def _of(self, leased: LeasedRange) -> Job | None:
        """Return the next job of a range, of large messages while there is room for one more."""
        if leased.large and not self._room.left:
            return None
        job = self._admitted(leased)
        if job is not None and leased.large:
            job.room = self._room.take()
        return job

    def _admitted(self, leased: LeasedRange) -> Job | None:
        """Return the next job of a range that its rates let go; those whose domain has no token wait aside."""
        while leased.ready:
            job = leased.ready.popleft()
            lacking = self._rates.admits(job)
            if not lacking:
                leased.waits_since = None
                return job
            # A rate of all its mail holds the whole range; a domain's lets the others pass.
            if lacking.count(":") < _OF_A_DOMAIN:
                leased.ready.appendleft(job)
                break
            job.draft, job.held_up = None, True
            leased.aside.setdefault(lacking, deque()).append(job)
        if leased.waiting and leased.waits_since is None:
            leased.waits_since = time.monotonic()
        return None


class Turns:
    """The jobs that are ready, and the connections that wait for one."""

    def __init__(self) -> None:
        self.rates = Rates()
        room = Room(MOST_LARGE, self.wake_another)
        self._urgent, self._ordinary = _Circle(self.rates, room), _Circle(self.rates, room)
        self._again: list[Job] = []
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._unready: deque[asyncio.Future[None]] = deque()  # who has yet to connect before it can take one
        self.ranges: list[LeasedRange] = []

    def _circle(self, leased: LeasedRange) -> _Circle:
        return self._ordinary if leased.mailing.marketing else self._urgent

    def add(self, leased: LeasedRange) -> None:
        """Let a leased range take part."""
        leased.large = any(other.large for other in self.ranges if other.row.delivery_id == leased.row.delivery_id)
        self.ranges.append(leased)
        self._circle(leased).add(leased)

    def remove(self, leased: LeasedRange) -> None:
        """Forget a range that is over."""
        self.ranges.remove(leased)
        self._circle(leased).remove(leased)

    def ready(self) -> int:
        """Return how many jobs could be taken at once."""
        return sum(len(leased.ready) for leased in self.ranges if leased.waits_since is None)

    def upcoming(self, most: int) -> list[Job]:
        """Return about so many of the jobs that could be taken at once: of each range those that are next."""
        flowing = [leased for leased in self.ranges if leased.waits_since is None and not leased.large]
        return [job for leased in flowing for job in islice(leased.ready, most // len(flowing) + 1)]

    def hand_out(self, leased: LeasedRange, jobs: Iterable[Job]) -> None:
        """Make jobs of a range ready."""
        before = len(leased.ready)
        leased.ready.extend(jobs)
        more = len(leased.ready) - before
        leased.out += more
        self._wake(more)

    def obey(self, limits: dict[str, int]) -> None:
        """Obey these rates from now on; what waited for one that is lifted is ready again."""
        lifted = self.rates.limits.keys() - limits.keys()
        self.rates.set_limits(limits)
        for leased in self.ranges:
            for key in leased.aside.keys() & lifted:
                leased.ready.extendleft(reversed(leased.aside.pop(key)))
        if lifted:
            self._wake(sum(len(leased.ready) for leased in self.ranges))

    def admit(self, given: Mapping[str, int]) -> None:
        """Use tokens that the database gave: jobs that waited for them are ready again."""
        self.rates.add(given)
        for key in [key for key, number in given.items() if number]:
            for leased in self.ranges:
                if key in leased.aside:
                    leased.ready.extendleft(reversed(leased.aside.pop(key)))
        self._wake(sum(given.values()))

    def put_back(self, job: Job) -> None:
        """Let another connection try a job next."""
        self._again.append(job)
        self._wake(1)

    def wait_for_room(self, job: Job) -> None:
        """Take back a job whose message turned out to be large: with all of its range it waits for room."""
        leased = job.leased
        leased.large = True
        job.draft = None
        leased.ready.appendleft(job)
        self._wake(1)

    def end_closed(self) -> None:
        """End what was put back of ranges of which nothing may go out any more."""
        closed = [job for job in self._again if job.leased.closing]
        self._again = [job for job in self._again if not job.leased.closing]
        for job in closed:
            job.done()

    def wake_another(self) -> None:
        """Have one more look for a job: there is room again, or who was woken for it waits for its server."""
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
            await _wait_in(self._waiters)

    async def some(self) -> None:
        """Wait until there is a job, or one that only waits for a rate: whoever takes is told which."""
        while not self._again and not any(leased.ready for leased in self.ranges):
            await _wait_in(self._unready)

    def _wake(self, most: int) -> None:
        for queue in (self._waiters, self._unready):
            while most > 0 and queue:
                waiter = queue.popleft()
                if not waiter.done():
                    waiter.set_result(None)
                    most -= 1


async def _wait_in(queue: deque[asyncio.Future[None]]) -> None:
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    queue.append(waiter)
    await waiter
