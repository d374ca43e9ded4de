"""What is kept of runs for a time only: their files and the rows that were not loaded (reference 10)."""

import contextlib
from datetime import datetime
from typing import Final

from deliveries import conf
from deliveries.models import RowError, RunFile

_CHUNK: Final = 5_000


def forget_files(before: datetime) -> int:
    """Delete the files of runs that ended before a time; return how many. Files that are gone already count too."""
    gone = 0
    for file in RunFile.objects.filter(run__ended_at__lt=before).iterator():
        file.place.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others lie in it still, or it is gone
            file.place.parent.rmdir()
        file.delete()
        gone += 1
    return gone


def forget_row_errors(before: datetime) -> int:
    """Delete which rows were not loaded by runs that ended before a time; return how many."""
    gone = 0
    old = RowError.objects.filter(run__ended_at__lt=before)
    while ids := list(old.values_list("pk", flat=True)[:_CHUNK]):
        gone += RowError.objects.filter(pk__in=ids).delete()[0]
    return gone


def spool_is_there() -> bool:
    """Return whether the folder of the files can be seen: without it their rows must not be forgotten."""
    return conf.spool().is_dir()
