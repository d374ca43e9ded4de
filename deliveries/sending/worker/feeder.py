"""Leases ranges, reads their messages with the values ahead of need, and returns what is worked off."""

import asyncio
import logging
import time
from typing import Final

from django.db import DatabaseError, InterfaceError

from deliveries import conf
from deliveries.errors import ClientError
from deliveries.models import Delivery
from deliveries.sending.database.database_thread import DatabaseThread
from deliveries.sending.ledger import ranges, rate_tokens
from deliveries.sending.lifecycle import fail
from deliveries.sending.worker import compose, rates
from deliveries.sending.worker.compose import Mailing
from deliveries.sending.worker.dispatcher import Dispatcher
from deliveries.sending.worker.jobs import Job, LeasedRange
from recipients import tables
from recipients.faults import Fault
from recipients.models import Database

_log: Final = logging.getLogger(__name__)
_MOST_RANGES: Final = 16  # each holds its jobs with their values in memory
_LOOK_AROUND: Final = 0.5  # how often others are looked for though there is enough
_FIRST_CHUNK, _SMALLEST_CHUNK, _LARGEST_CHUNK = 100, 10, 500
_CHUNK_BYTES: Final = 2 * 1024**2  # of values at a time; one value may have 1 MB
_TOKENS_EVERY: Final = 0.2  # seconds: one statement for all keys
_LONGEST_WAIT: Final = 2.0  # for a rate, while there are as many ranges as we hold
_REST: Final = 10.0  # seconds until a range that waited for a rate is due again
_IDLE: Final = 0.25  # seconds between looks for a range
_BUSY: Final = 0.02  # seconds, in which what is read does not run out


class Feeder:
    """Keeps ranges of several deliveries open; the dispatcher's turns say what of them goes out next."""

    def __init__(self, owner: int, dispatcher: Dispatcher, thread: DatabaseThread) -> None:
        self._owner = owner
        self._turns = dispatcher.turns
        self._refused = dispatcher.refused
        self._thread = thread
        self._mailings: dict[int, Mailing] = {}
        self._enough = 2 * conf.connections()  # jobs at hand: no further range of what is in hand is leased
        self._looked = self._asked = 0.0
        self._unsure = False  # a lease was asked for, and the database went away meanwhile

    @property
    def held(self) -> list[LeasedRange]:
        """The ranges that this sender holds."""
        return self._turns.ranges

    async def step(self) -> None:
        """Lease, read a chunk of each range that runs low, return what is over; then wait a little."""
        found = await self._lease_surely()
        for leased in list(self.held):
            if not leased.closing and not leased.empty and leased.waiting < leased.chunk // 2:
                await self._read(leased)
        await self._ask_for_tokens()
        await self.give_back()
        if not found:
            await asyncio.sleep(_BUSY if self.held else _IDLE)

    async def _lease_surely(self) -> bool:
        """Lease a range; where the answer to the last try was lost, return first what it may have brought us.

        Nothing of such a range was handed out, and nobody else could take it until its lease lapsed a minute later.
        """
        if self._unsure:
            held = [leased.row.pk for leased in self.held]
            await self._thread.run(ranges.give_back_strays, self._owner, held)
        self._unsure = True
        found = await self._lease()
        self._unsure = False
        return found

    async def _lease(self) -> bool:
        """Lease one range: of anything while there is room, from time to time of another delivery all the same."""
        if len(self.held) >= _MOST_RANGES:
            return False
        enough = self._turns.ready() >= self._enough
        if enough and time.monotonic() - self._looked < _LOOK_AROUND:
            return False
        self._looked = time.monotonic()
        held = {leased.row.delivery_id: leased.mailing.account_id for leased in self.held}
        row = await self._thread.run(ranges.lease, self._owner, held, others_only=enough)
        if row is None:
            return False
        mailing = self._mailings.get(row.delivery_id)
        if mailing is None:
            mailing = await self._thread.run(_compiled, row.delivery_id)
        if mailing is None:
            await self._thread.run(ranges.give_back, self._owner, row.pk, row.leases)
            return False
        self._mailings[row.delivery_id] = mailing
        known = {leased.mailing.newsletter_id for leased in self.held}
        if mailing.newsletter_id not in known:
            limits = await self._thread.run(rates.read_limits, known | {mailing.newsletter_id})
            self._turns.obey(limits)
        fitting = [leased.chunk for leased in self.held if leased.row.delivery_id == row.delivery_id]
        self._turns.add(LeasedRange(row, mailing, row.first_id - 1, max(fitting, default=_FIRST_CHUNK)))
        return True

    async def _read(self, leased: LeasedRange) -> None:
        jobs, size = await self._thread.run(_load, leased)
        if leased.closing:
            return
        leased.empty = len(jobs) < leased.chunk or jobs[-1].row.id == leased.row.last_id
        if not jobs:
            return
        leased.read_to = jobs[-1].row.id
        # By the last chunk: values of one delivery are much alike.
        fitting = _CHUNK_BYTES * len(jobs) // max(size, 1)
        leased.chunk = max(_SMALLEST_CHUNK, min(_LARGEST_CHUNK, fitting))
        self._turns.hand_out(leased, jobs)

    async def _ask_for_tokens(self) -> None:
        """Ask for leave where a rate holds jobs back; nothing waits for the answer but these jobs."""
        wanted = self._turns.rates.wanted()
        now = time.monotonic()
        if wanted and now - self._asked >= _TOKENS_EVERY:
            self._asked = now
            self._turns.admit(await self._thread.run(rate_tokens.take, wanted))
        if len(self.held) >= _MOST_RANGES:  # others shall not wait because these do
            for leased in self.held:
                leased.rests = leased.waits_since is not None and now - leased.waits_since > _LONGEST_WAIT
                if leased.rests:
                    leased.close()

    async def give_back(self) -> None:
        """Return the ranges that are over; those that wait for a rate are due again in a while."""
        self._turns.end_closed()
        for leased in [leased for leased in self.held if leased.over]:
            rest = _REST if leased.rests else 0.0
            await self._thread.run(ranges.give_back, self._owner, leased.row.pk, leased.row.leases, rest=rest)
            self._turns.remove(leased)
            if all(other.row.delivery_id != leased.row.delivery_id for other in self.held):
                self._mailings.pop(leased.row.delivery_id, None)

    async def look(self) -> None:
        """Renew the leases and close what is paused, stopped or another's: each second, so within the five."""
        held = list(self.held)
        if held:
            going = await self._thread.run(ranges.renew, self._owner, [leased.row for leased in held])
            for leased in held:
                if leased.row.pk not in going:
                    leased.close()
            newsletters = {leased.mailing.newsletter_id for leased in held}
            self._turns.obey(await self._thread.run(rates.read_limits, newsletters))

    async def pause_refused(self) -> None:
        """Pause the deliveries that the relay refuses: the sender three times in a row, a fifth by policy."""
        while not self._refused.empty():
            delivery, why = self._refused.get_nowait()
            await self._thread.run(fail.pause, delivery, why)


def _compiled(delivery_id: int) -> Mailing | None:
    delivery = Delivery.objects.select_related("newsletter__account", "database", "account").get(id=delivery_id)
    try:
        return compose.mailing(delivery)
    except ClientError as error:
        fail.fail(delivery_id, error.fault)
        return None
    except (DatabaseError, InterfaceError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  one delivery must not end a process that sends for everybody
        _log.exception("MSG_INTERNAL: delivery %s can't be prepared", delivery_id)
        fail.fail(delivery_id, Fault.of("delivery.unprepared", error=type(error).__name__))
        return None


def _load(leased: LeasedRange) -> tuple[list[Job], int]:
    """Return the next jobs of a range, and about how many bytes the values of their people have."""
    rows = ranges.read(leased.row, leased.read_to, leased.chunk)
    if not rows:
        return [], 0
    mailing = leased.mailing
    whose = {row.id: mailing.copies_of or row.recipient_id for row in rows}
    # Anew each time: a field may be added or taken away while it goes out.
    values = tables.read_values(Database.objects.get(id=mailing.database_id), [*set(whose.values())])
    again = [row.id for row in rows if row.attempt]
    kept = compose.kept_copies(again) if again else {}
    jobs = [Job(row, leased, values.get(whose[row.id]), kept.get(row.id)) for row in rows]
    return jobs, _size(values) + sum(map(len, kept.values()))


def _size(people: dict[int, dict[str, object]]) -> int:
    return sum([len(value) for values in people.values() for value in values.values() if isinstance(value, str)])
