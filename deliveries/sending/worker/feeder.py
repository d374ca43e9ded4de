"""Leases ranges, reads their messages with the values ahead of need, and returns what is worked off."""

import asyncio
import logging
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from deliveries.errors import ClientError
from deliveries.models import Delivery
from deliveries.sending.ledger import ranges
from deliveries.sending.lifecycle import fail
from deliveries.sending.worker import compose
from deliveries.sending.worker.compose import Mailing
from deliveries.sending.worker.database_thread import DatabaseThread
from deliveries.sending.worker.dispatcher import Dispatcher
from deliveries.sending.worker.jobs import Job, LeasedRange
from recipients import tables

_log: Final = logging.getLogger(__name__)
SHELVES: Final = 4
_CHUNK: Final = 100  # of 1 MB a value in the worst case
_IDLE: Final = 0.25


class Feeder:
    """Keeps a few ranges of different deliveries open at a time, and serves them in turns."""

    def __init__(self, owner: int, office: Dispatcher, desk: DatabaseThread) -> None:
        self._owner = owner
        self._office = office
        self._desk = desk
        self._mailings: dict[int, Mailing] = {}
        self.shelves: list[LeasedRange] = []

    async def step(self) -> None:
        """Lease, read one chunk of each range, return what is over; wait a little when there was nothing."""
        leased = await self._lease() if len(self.shelves) < SHELVES else False
        read = [await self._read(shelf) for shelf in list(self.shelves) if not shelf.closing and not shelf.empty]
        await self.give_back()
        if not leased and not any(read):
            await asyncio.sleep(_IDLE if not self.shelves else _IDLE / 10)

    async def _lease(self) -> bool:
        held = [shelf.leased.delivery_id for shelf in self.shelves]
        leased = await self._desk.ask(ranges.lease, self._owner, held)
        if leased is None:
            return False
        mailing = self._mailings.get(leased.delivery_id)
        if mailing is None:
            mailing = await self._desk.ask(_compiled, leased.delivery_id)
        if mailing is None:
            await self._desk.ask(ranges.give_back, self._owner, leased.pk, leased.leases)
            return False
        self._mailings[leased.delivery_id] = mailing
        self.shelves.append(LeasedRange(leased, mailing, read_to=leased.first_id - 1))
        return True

    async def _read(self, shelf: LeasedRange) -> bool:
        jobs = await self._desk.ask(_load, shelf)
        if not jobs:
            shelf.empty = True
            return False
        shelf.read_to = jobs[-1].row.id
        for job in jobs:
            await self._office.hand_out(job)
        return True

    async def give_back(self) -> None:
        """Return the ranges that are over."""
        for shelf in [shelf for shelf in self.shelves if shelf.over]:
            await self._desk.ask(ranges.give_back, self._owner, shelf.leased.pk, shelf.leased.leases)
            self.shelves.remove(shelf)
            if all(other.leased.delivery_id != shelf.leased.delivery_id for other in self.shelves):
                self._mailings.pop(shelf.leased.delivery_id, None)

    async def look(self) -> None:
        """Renew the leases and close what is paused, stopped or another's: each second, so within the five."""
        held = list(self.shelves)
        if held:
            going = await self._desk.ask(ranges.renew, self._owner, [shelf.leased for shelf in held])
            for shelf in held:
                shelf.closing = shelf.closing or shelf.leased.pk not in going

    async def pause_refused(self) -> None:
        """Pause the deliveries that the relay refuses: the sender three times in a row, a fifth by policy."""
        while not self._office.refused.empty():
            delivery, sentence = self._office.refused.get_nowait()
            await self._desk.ask(fail.pause, delivery, sentence)


def _compiled(delivery_id: int) -> Mailing | None:
    delivery = Delivery.objects.select_related("newsletter__account", "database", "account").get(id=delivery_id)
    try:
        return compose.mailing(delivery)
    except ClientError as error:
        fail.fail(delivery_id, error.message)
        return None
    except (DatabaseError, InterfaceError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  one delivery must not end a process that sends for everybody
        _log.exception("MSG_INTERNAL: delivery %s can't be prepared", delivery_id)
        fail.fail(delivery_id, _("its message can't be prepared (%s): have the log read") % type(error).__name__)
        return None


def _load(shelf: LeasedRange) -> list[Job]:
    rows = ranges.read(shelf.leased, shelf.read_to, _CHUNK)
    if not rows:
        return []
    database = Delivery.objects.select_related("database").get(id=shelf.mailing.delivery_id).database
    values = on_the_clock(tables.read_values(database, [row.recipient_id for row in rows]), shelf.mailing.zone)
    again = [row.id for row in rows if row.attempt]
    kept = compose.kept_copies(again) if again else {}
    return [Job(row, shelf, values.get(row.recipient_id), kept.get(row.id)) for row in rows]


def on_the_clock(people: dict[int, dict[str, object]], zone: ZoneInfo) -> dict[int, dict[str, object]]:
    """Bring moments that know their offset to the account's clock: composing prints the clock that it is given."""
    for values in people.values():
        for name, value in values.items():
            if isinstance(value, datetime) and value.tzinfo is not None:
                values[name] = value.astimezone(zone).replace(tzinfo=None)
    return people
