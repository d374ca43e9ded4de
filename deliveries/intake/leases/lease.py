"""The lease of a space: one worker at a time, on the database's clock, fenced by an epoch (reference 1).

Whoever holds it renews it from a small thread while working. A worker that was stopped and wakes later finds
its epoch gone: each commit of a run's step asks for it, and what goes to the server asks `Lease.check` first.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from deliveries import conf
from deliveries.errors import LeaseLost
from deliveries.intake.leases import owner
from deliveries.models import SftpSpace
from deliveries.models.functions import DatabaseNow
from deliveries.renewing import renewed

RENEW_SECONDS: Final = 10.0  # three may fail before the lease lapses
_AGAIN_SECONDS: Final = 1.0  # between tries to give it back while the database is away
_LOOK_SECONDS: Final = 0.2  # between looks whether whoever has it has given it back
# What a worker may do to the server without knowing that the lease is still its own.
_TRUST_SECONDS: Final = conf.POLL_LEASE.total_seconds() - 5

_TAKE: Final = """
UPDATE deliveries_sftpspace
   SET lease_owner = %s, lease_until = clock_timestamp() + %s, lease_epoch = lease_epoch + 1
 WHERE id = %s AND (lease_until IS NULL OR lease_until < clock_timestamp()
                    OR lease_until > clock_timestamp() + 3 * %s)
RETURNING lease_epoch
"""
# A space at work is not late: its next poll waits for the end of this one.
_RENEW: Final = """
UPDATE deliveries_sftpspace
   SET lease_until = clock_timestamp() + %s,
       next_poll_at = greatest(next_poll_at, clock_timestamp() + interval '1 s')
 WHERE id = %s AND lease_epoch = %s AND lease_until IS NOT NULL
"""
_GIVE_BACK: Final = "UPDATE deliveries_sftpspace SET lease_until = NULL WHERE id = %s AND lease_epoch = %s"
# Lapsed, not given back: by that the clock knows that somebody died there.
_FREE: Final = """
UPDATE deliveries_sftpspace SET lease_until = clock_timestamp()
 WHERE id = %s AND lease_epoch = %s AND lease_until > clock_timestamp()
"""


class Lease:
    """A space held by this process under an epoch.

    `on_renewal` is called whenever it was renewed, by the thread that renews it: the lock of a database is kept so.
    """

    def __init__(self, space_id: int, epoch: int) -> None:
        self.space_id = space_id
        self.epoch = epoch
        self._heard = time.monotonic()
        self._lost = threading.Event()
        self.on_renewal: list[Callable[[], object]] = []

    def check(self) -> None:
        """Raise LeaseLost when the lease is, or may be, another's by now (monotonic: a stopped process sees it)."""
        if self._lost.is_set() or time.monotonic() - self._heard > _TRUST_SECONDS:
            raise LeaseLost(f"space {self.space_id}")

    def renew(self) -> bool:
        """Prolong the lease; False when it is another's."""
        # Before the question: a lease counts from when it was asked for, however late the answer comes.
        asked = time.monotonic()
        with connection.cursor() as cursor:
            # psycopg writes a timedelta as an interval; Django's stubs leave the type out.
            cursor.execute(_RENEW, [conf.POLL_LEASE, self.space_id, self.epoch])  # type: ignore[list-item]
            if cursor.rowcount == 0:
                self._lost.set()
                return False
        self._heard = asked
        # A copy: the worker's thread adds and clears while this one renews.
        for renew in tuple(self.on_renewal):
            renew()
        return True


def _take(space_id: int) -> Lease | None:
    with connection.cursor() as cursor:
        values = [owner.myself(), conf.POLL_LEASE, space_id, conf.POLL_LEASE]
        cursor.execute(_TAKE, values)  # type: ignore[arg-type]  # a timedelta, as above
        row = cursor.fetchone()
    return Lease(space_id, row[0]) if row else None


def _give_back(lease: Lease) -> None:
    """Give the lease back, so that nobody waits for it; a database that is away is asked until the lease lapses."""
    until, pause = time.monotonic() + conf.POLL_LEASE.total_seconds(), threading.Event()
    while time.monotonic() < until:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_GIVE_BACK, [lease.space_id, lease.epoch])
        except (DatabaseError, InterfaceError):
            # Django would hand the dead one out again.
            connection.close()
            pause.wait(_AGAIN_SECONDS)
        else:
            return


def free_the_dead() -> int:
    """End the leases of processes of this machine that are no more; returns how many."""
    held_now = SftpSpace.objects.filter(lease_until__gt=DatabaseNow()).values_list(
        "pk", "lease_owner", "lease_epoch"
    )
    dead = [(pk, epoch) for pk, held_by, epoch in held_now if owner.is_dead(held_by)]
    with connection.cursor() as cursor:
        for each in dead:
            cursor.execute(_FREE, each)  # under the epoch that was read: a lease taken meanwhile is another's
    return len(dead)


@contextmanager
def held(
    space_id: int, heartbeat: Callable[[], None] = lambda: None, *, patience: float = 0.0
) -> Iterator[Lease | None]:
    """Hold a space's lease for the block, None when another has it and still has after `patience` seconds.

    `heartbeat` is called before each renewal.
    """
    until, pause = time.monotonic() + patience, threading.Event()
    while (lease := _take(space_id)) is None and time.monotonic() < until:
        pause.wait(_LOOK_SECONDS)
    if lease is None:
        yield None
        return

    def renew() -> bool:
        heartbeat()
        return lease.renew()

    try:
        with renewed(renew, RENEW_SECONDS, f"lease-{space_id}"):
            yield lease
    finally:
        _give_back(lease)
