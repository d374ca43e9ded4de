"""What the database heard of this machine's processes (table of workers, database clock)."""

import contextlib
import socket
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import Error as DatabaseError
from django.db import connection
from django.db.models.functions import Now

from deliveries import workers
from deliveries.models import Worker

SILENT: Final = timedelta(seconds=60)
_CLOCK_SILENT: Final = timedelta(seconds=15)


def all_of(processes: Iterable[tuple[str, int]]) -> bool:
    """Return whether each (kind, pid) has shown itself lately. A cluster is named by its group's id."""
    here = Worker.objects.filter(
        host=socket.gethostname()[:253], ended_at=None, heartbeat_at__gt=Now() - _CLOCK_SILENT
    )
    try:
        return set(processes) <= set(here.values_list("kind", "pid"))
    finally:
        connection.close()


def cluster_hangs(group: int) -> bool:
    """Return whether a cluster (django-q2's known case) lives and does nothing: silent for 60 s while a clock asks.

    Its tasks show themselves too, so a busy cluster is not a hanging one. Raises django.db.Error.
    """
    try:
        lately = Worker.objects.filter(ended_at=None, heartbeat_at__gt=Now() - SILENT)
        if lately.filter(kind="cluster", host=socket.gethostname()[:253], pid=group).exists():
            return False
        return Worker.objects.filter(kind="clock", ended_at=None, heartbeat_at__gt=Now() - _CLOCK_SILENT).exists()
    finally:
        connection.close()


def forget(part: str, pid: int | None) -> None:
    """Note that a clock or cluster of this machine is no more, so that /readyz waits for the next one's answer.

    A sender's row stays: what it had in the air is swept by it. Where the database is away the row lapses.
    """
    if part not in {"clock", "cluster"} or pid is None:
        return
    with contextlib.suppress(DatabaseError):
        workers.end(part, pid)
    connection.close()
