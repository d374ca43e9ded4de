"""Hits on their way into the database: nobody waits for it (docs/architecture.md, From hit to figure).

A view leaves its hit here and answers. One thread a process writes what has gathered, a single hit at once, a burst
in batches, each by one statement without waiting for the disk. What can be lost: with the web process, what its
thread has not written (a twentieth of a second's worth); with PostgreSQL, what it had not yet flushed (under a
second). While the database is away hits wait here, the newest dropped once MOST wait.
"""

import atexit
import threading
from collections import deque
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final

import structlog
from django.db import Error as DatabaseError
from django.db import connection

MOST: Final = 100_000
BATCH: Final = 2_000
IDLE: Final = 5.0  # seconds until a connection that nothing comes for is given back
AGAIN: Final = 1.0  # seconds, while the database is away
GATHER: Final = 0.05  # a burst's hits gather so long: a statement each would cost the reader's answers their time
# Writers hold it shared from before their hits get ids; who holds it alone knows that no earlier hit is on its way.
LOCK: Final = 0x786D6C68
_LEAST_LEFT: Final = 5.0  # seconds that an ending process gives its last hits

_WRITE: Final = """
    WITH held AS MATERIALIZED (
        SELECT pg_advisory_xact_lock_shared(%s), set_config('synchronous_commit', 'off', true)
    )
    INSERT INTO deliveries_hit
        (at, kind, delivery_id, message_id, link, target, ip, agent, method, purpose)
    SELECT u.* FROM held, unnest(%s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[], %s::int[], %s::text[],
                                 %s::text[]::inet[], %s::text[], %s::text[], %s::text[]) AS u
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One hit as a view saw it, in the order of the table's columns (models.Hit)."""

    at: datetime
    kind: str
    delivery_id: int | None
    message_id: int | None
    link: int | None
    target: str
    ip: str | None
    agent: str
    method: str
    purpose: str


def write(hits: list[Arrival]) -> None:
    """Write these hits by one statement. Raises django.db.Error."""
    columns = [list(column) for column in zip(*map(astuple, hits), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [LOCK, *columns])


class Recorder:
    """The queue of one process, and the thread that empties it, started with the first hit."""

    def __init__(self) -> None:
        self._waiting: deque[Arrival] = deque()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._dropped = 0

    def record(self, hit: Arrival) -> None:
        """Take a hit over and return at once."""
        if len(self._waiting) >= MOST:  # a bounded queue: the mail's reader is answered whatever becomes of the hit
            self._dropped += 1
            return
        self._waiting.append(hit)
        if self._thread is None or not self._thread.is_alive():
            self._start()
        if not self._wake.is_set():  # to look costs less than to set: a lock is taken for that
            self._wake.set()

    def stop(self) -> None:
        """Write what waits, as far as the database takes it now, and end the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_LEAST_LEFT)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._stop.clear()
                self._thread = threading.Thread(target=self._run, name="hits", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stop.is_set() or self._waiting:
                if not self._wake.wait(IDLE):
                    connection.close()  # no hit for a while: the server's place is others'
                    continue
                self._wake.clear()
                written = self._empty()
                if self._stop.wait(GATHER if written else AGAIN) and not written:
                    self._empty()  # once more before the process ends
                    return
        finally:
            connection.close()

    def _empty(self) -> bool:
        """Write all that waits; return whether the database took it."""
        while self._waiting:
            # They stay in the queue until they are written: a database that goes away loses none.
            hits = [self._waiting[number] for number in range(min(BATCH, len(self._waiting)))]
            try:
                write(hits)
            except DatabaseError as error:
                connection.close()
                self._wake.set()
                reason = str(error).strip().splitlines()[:1]
                structlog.get_logger(__name__).warning(
                    "hits wait for the database", waiting=len(hits), reason=reason
                )
                return False
            for _hit in hits:
                self._waiting.popleft()
        if self._dropped:
            structlog.get_logger(__name__).error(
                "hits were dropped while the database was away", hits=self._dropped
            )
            self._dropped = 0
        return True


RECORDER: Final = Recorder()
atexit.register(RECORDER.stop)
