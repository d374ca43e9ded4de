"""The lock of a user database: a lease with owner and time (reference 3.4)."""

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.db.models.functions import Now

from recipients.errors import LockedError
from recipients.ids import id_in
from recipients.models import Database

_RUN: Final = "run"
_BY_HAND: Final = "import by hand"


def holder_of_run(run_id: int) -> str:
    """Return the name under which a run holds a lock."""
    return f"{_RUN} {run_id}"


def holder_by_hand(token: str) -> str:
    """Return the name under which one import by hand holds a lock."""
    return f"{_BY_HAND} {token}"


def run_of(holder: str) -> int | None:
    """Return the id of the run that holds a lock under this name, None for another holder."""
    kind, _, number = holder.rpartition(" ")
    return id_in(number) if kind == _RUN else None


def is_by_hand(holder: str) -> bool:
    """Return whether an import by hand holds a lock under this name."""
    return holder.rpartition(" ")[0] == _BY_HAND


def acquire(database_id: int, holder: str, lease: timedelta) -> None:
    """Take the lock until `lease` from now, by the database's clock; the holder itself may take it again.

    Raises LockedError with who holds it. `holder` names one piece of work ("run 12"), never a kind of it.
    """
    free = Q(locked_until__isnull=True) | Q(locked_until__lt=Now()) | Q(locked_by=holder)
    if not _write(free, database_id, holder, lease):
        held_by = Database.objects.filter(pk=database_id).values_list("locked_by", flat=True).first()
        raise LockedError(database_id, held_by or "")


def check_free(database_id: int, holder: str) -> None:
    """Raise LockedError while somebody else holds the lock; nothing is taken."""
    others = Database.objects.filter(pk=database_id, locked_until__gte=Now()).exclude(locked_by=holder)
    held_by = others.values_list("locked_by", flat=True).first()
    if held_by is not None:
        raise LockedError(database_id, held_by)


def renew(database_id: int, holder: str, lease: timedelta) -> bool:
    """Hold the lock for `lease` more; False when it is no longer ours."""
    ours = Q(locked_by=holder, locked_until__gte=Now())
    return bool(Database.objects.filter(ours, pk=database_id).update(locked_until=Now() + lease))


def release(database_id: int, holder: str) -> None:
    """Give the lock back; nothing happens when it is somebody else's."""
    Database.objects.filter(pk=database_id, locked_by=holder).update(
        locked_by="", locked_since=None, locked_until=None
    )


def _write(free: Q, database_id: int, holder: str, lease: timedelta) -> int:
    mine = Q(locked_by=holder, locked_until__gte=Now())
    again = Database.objects.filter(mine, pk=database_id).update(locked_until=Now() + lease)
    return again or Database.objects.filter(free, pk=database_id).update(
        locked_by=holder, locked_since=Now(), locked_until=Now() + lease
    )
