"""The sender's own row: who it is, and when it was last heard of (database clock)."""

import os
import socket

from django.db import connection
from django.db.models.functions import Now

from deliveries.models import Worker


def enrol() -> int:
    """Make the row of this process; its id owns leases and intents."""
    return Worker.objects.create(kind="sender", host=socket.gethostname(), pid=os.getpid(), heartbeat_at=Now()).pk


def beat(worker_id: int) -> None:
    """Say that the process lives."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deliveries_worker SET heartbeat_at = clock_timestamp() WHERE id = %s", [worker_id])


def leave(worker_id: int) -> None:
    """Say that the process ended in order."""
    Worker.objects.filter(id=worker_id).update(ended_at=Now())
