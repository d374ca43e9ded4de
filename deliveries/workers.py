"""Who works here and is alive: one row a process, on the database's clock (reference, Public addresses).

A sender has a row under a number of its own, which owns its leases and intents; the clock and the cluster are told
apart by machine and process id.
"""

import os
import socket
from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from deliveries import conf
from deliveries.models import Worker
from deliveries.models.functions import DatabaseNow

# How long each may be silent: clock and senders show themselves every few seconds, the cluster by way of its queue.
SILENCE: Final = {
    "clock": timedelta(seconds=30),
    "cluster": timedelta(seconds=60),
    "sender": conf.SENDER_DEAD_AFTER,
}

# Where one works and others wait, these wait until it was silent for so long. What is further ahead than that is
# from before the database's clock went back.
FIRST_SILENCE: Final = timedelta(seconds=5)


def alive(kind: str) -> QuerySet[Worker]:
    """Return the workers of a kind whose heartbeat came in time and that have not left."""
    return Worker.objects.filter(kind=kind, ended_at=None, heartbeat_at__gt=DatabaseNow() - SILENCE[kind])


def heartbeat(kind: str, pid: int) -> int:
    """Note that a process of this machine is alive; return its row's id, which is made at the first call."""
    host = socket.gethostname()[:253]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deliveries_worker SET heartbeat_at = clock_timestamp()"
            " WHERE kind = %s AND host = %s AND pid = %s AND ended_at IS NULL RETURNING id",
            [kind, host, pid],
        )
        if cursor.rowcount == 0:
            cursor.execute(
                "INSERT INTO deliveries_worker (kind, host, pid, started_at, heartbeat_at)"
                " VALUES (%s, %s, %s, clock_timestamp(), clock_timestamp()) RETURNING id",
                [kind, host, pid],
            )
        return int(min(cursor.fetchall())[0])


def is_first(kind: str, row: int) -> bool:
    """Return whether no older process of its kind lives. Who asks shows itself more often than FIRST_SILENCE.

    A lock of the session would say it too where the session is ours; a pooler hands it on with each transaction.
    """
    now = DatabaseNow()
    beating = Q(heartbeat_at__gt=now - FIRST_SILENCE, heartbeat_at__lt=now + FIRST_SILENCE)
    return not Worker.objects.filter(beating, kind=kind, ended_at=None, pk__lt=row).exists()


def end(kind: str, pid: int) -> None:
    """Note that a process of this machine ended as it should."""
    Worker.objects.filter(kind=kind, host=socket.gethostname()[:253], pid=pid, ended_at=None).update(
        ended_at=DatabaseNow()
    )


def enrol_sender() -> int:
    """Make the row of this sender and return its id, the owner of its leases and intents."""
    host, pid = socket.gethostname()[:253], os.getpid()
    return Worker.objects.create(kind="sender", host=host, pid=pid, heartbeat_at=DatabaseNow()).pk


def sender_heartbeat(worker_id: int, *, accepted: int = 0, waves: int = 0, wave_seconds: float = 0.0) -> None:
    """Note that this sender is alive, and what it has done so far."""
    Worker.objects.filter(pk=worker_id).update(
        heartbeat_at=DatabaseNow(), accepted=accepted, waves=waves, wave_seconds=wave_seconds
    )


def leave_sender(worker_id: int) -> None:
    """Note that this sender ended in order."""
    Worker.objects.filter(pk=worker_id).update(ended_at=DatabaseNow())
