"""Who of this machine is alive: the clock and the cluster, on the database's clock (INTERFACE, /readyz)."""

import socket

from django.db import connection

from deliveries.intake.leases import DatabaseNow
from deliveries.models import Worker


def beat(kind: str, pid: int) -> None:
    """Say that a process of this machine is alive, on the database's clock; its row is made at the first call."""
    host = socket.gethostname()[:253]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deliveries_worker SET heartbeat_at = clock_timestamp()"
            " WHERE kind = %s AND host = %s AND pid = %s AND ended_at IS NULL",
            [kind, host, pid],
        )
        if cursor.rowcount == 0:
            cursor.execute(
                "INSERT INTO deliveries_worker (kind, host, pid, started_at, heartbeat_at)"
                " VALUES (%s, %s, %s, clock_timestamp(), clock_timestamp())",
                [kind, host, pid],
            )


def end(kind: str, pid: int) -> None:
    """Say that a process of this machine ended as it should."""
    Worker.objects.filter(kind=kind, host=socket.gethostname()[:253], pid=pid, ended_at=None).update(
        ended_at=DatabaseNow()
    )
