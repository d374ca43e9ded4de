"""Looks at spaces on which nothing lies: over connections that are kept, and without a task for each (reference 1).

A look only lists the directory. What is more than a look (a semaphore, a run that waits, a server that fails) is
queued as a poll, which does everything under the space's lease; the kept connection is closed before, so that a
server never sees two of ours.
"""

import contextlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from django.db import transaction
from django.db.models import Q

from deliveries import queue
from deliveries.errors import ServiceError
from deliveries.intake.polling import space_health
from deliveries.intake.sftp.connect import connect
from deliveries.intake.sftp.errors import ConnectionFailed
from deliveries.intake.sftp.listing import Listing
from deliveries.intake.sftp.session import Entry, Session
from deliveries.intake.sftp.target import Target, is_served_here, target_of
from deliveries.models import ProcessingRun, RunStatus, SftpSpace, SubStatus

MOST_KEPT: Final = 200  # each is a thread of paramiko's here and a session on a client's server
_THREADS: Final = 8  # looks at a time: nearly all of a look is waiting for the server


class Looks:
    """The looks under way, and a connection for each space that was quiet at the last one, at most MOST_KEPT.

    Every method is called by one thread; the others only talk to servers, and none to the database.
    """

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="look")
        self._under_way: dict[int, Future[bool]] = {}
        self._kept: dict[int, Session] = {}

    @property
    def under_way(self) -> bool:
        """Whether some look has not been collected yet."""
        return bool(self._under_way)

    @property
    def kept(self) -> frozenset[int]:
        """The spaces to which a connection is open."""
        return frozenset(self._kept)

    def begin(self, due: Sequence[int]) -> int:
        """Look at the spaces that are due, or queue their polls; returns how many these are."""
        new = [space for space in due if space not in self._under_way]
        healthy = _healthy(new)
        for space in healthy:
            with contextlib.suppress(ServiceError):  # a poll will say so, of the space
                target = target_of(space)
                self._under_way[space.pk] = self._threads.submit(self._is_quiet, space.pk, target)
        self._queue(space for space in new if space not in self._under_way)
        return len(new)

    def collect(self) -> None:
        """Note the spaces that were found quiet, and queue a poll of the others."""
        if not self._under_way:
            return
        done = [space for space, look in self._under_way.items() if look.done()]
        quiet = [space for space in done if self._under_way.pop(space).result()]
        space_health.quiet(quiet)
        self._queue(space for space in done if space not in quiet)

    def close(self) -> None:
        """Hang up everywhere."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for space in self.kept:
            self._hang_up(space)

    def _queue(self, spaces: Iterable[int]) -> None:
        with transaction.atomic():
            for space in spaces:
                self._hang_up(space)
                queue.enqueue(queue.POLL_SPACE, space)

    def _hang_up(self, space: int) -> None:
        session = self._kept.pop(space, None)
        if session is not None:
            session.close()

    def _is_quiet(self, space: int, target: Target) -> bool:
        """Return whether no semaphore lies there; a server that can't be asked is not quiet."""
        try:
            entries, cut = self._entries(space, target)
        except ServiceError:
            return False
        return not cut and not Listing(entries).bundles  # what was cut off may be a semaphore

    def _entries(self, space: int, target: Target) -> tuple[list[Entry], bool]:
        session = self._kept.get(space)
        if session is not None and session.alive and session.target == target:
            with contextlib.suppress(ConnectionFailed):  # it died since the last look: a new one is as good
                return session.entries()
        self._hang_up(space)
        session = connect(target)
        try:
            found = session.entries()
        except BaseException:  # also where this thread is told to end: the server counts its sessions
            session.close()
            raise
        if len(self._kept) < self._most_kept:
            self._kept[space] = session
        else:
            session.close()
        return found


def _healthy(spaces: Sequence[int]) -> list[SftpSpace]:
    """Return those of the spaces of which a good look is all that a poll would do."""
    unfinished = Q(semaphore_gone=False) | Q(reported_at=None) | Q(status=RunStatus.LOADING)
    held = Q(status=RunStatus.LOADING, sub_status=SubStatus.DUPLICATE_HELD, reported_at__isnull=False)
    # A held run waits for a person, so no poll does anything with it.
    busy = ProcessingRun.objects.filter(unfinished, space__in=spaces).exclude(held, semaphore_gone=True)
    found = SftpSpace.objects.filter(
        pk__in=spaces, paused_at=None, lease_until=None, last_error_code="", last_ok_at__isnull=False
    )
    return [space for space in found.exclude(pk__in=busy.values("space")) if is_served_here(space)]
