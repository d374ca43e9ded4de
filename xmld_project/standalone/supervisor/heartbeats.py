"""What the database heard of this machine's processes (table of workers, database clock)."""

import socket
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import connection
from django.db.models.functions import Now

from deliveries.models import Worker

SILENT: Final = timedelta(seconds=60)
_CLOCK_RINGS: Final = timedelta(seconds=15)


def all_of(processes: Iterable[tuple[str, int]]) -> bool:
    """Tell whether each (kind, pid) has shown itself lately. A cluster is named by its group's id."""
    here = Worker.objects.filter(
        host=socket.gethostname()[:253], ended_at=None, heartbeat_at__gt=Now() - _CLOCK_RINGS
    )
    try:
        return set(processes) <= set(here.values_list("kind", "pid"))
    finally:
        connection.close()


def cluster_hangs(group: int) -> bool:
    """Tell whether a cluster (django-q2's known case) lives and does nothing: silent for 60 s while a clock rang.

    Its tasks beat too, so a cluster that is merely busy is no hanging one. Raises django.db.Error.
    """
    try:
        lately = Worker.objects.filter(ended_at=None, heartbeat_at__gt=Now() - SILENT)
        if lately.filter(kind="cluster", host=socket.gethostname()[:253], pid=group).exists():
            return False
        return Worker.objects.filter(kind="clock", ended_at=None, heartbeat_at__gt=Now() - _CLOCK_RINGS).exists()
    finally:
        connection.close()
