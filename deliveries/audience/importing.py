"""Import by hand under the database's lock, from the page and from the command (reference 3.3, 3.4)."""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from deliveries import conf
from deliveries.audience.filters import refuse_while_sending, refuse_while_sending_or_starting
from deliveries.errors import ClientError, LockedError
from deliveries.renewing import renewed
from recipients import locks
from recipients.loading import Dialect
from recipients.loading.modes import Changes, Mode, import_list
from recipients.models import Database

_ANY_SHARE: Final = 1.0  # a person reads the counts; only a list without a good row is refused
_TAKES_AWAY: Final = frozenset({Mode.REPLACE, Mode.DELETE})

Load = Callable[..., Changes]


def import_people(
    database: Database,
    path: Path,
    mode: Mode,
    load: Load = import_list,
    *,
    simulate: bool,
    fields: Sequence[str] | None = None,
) -> Changes:
    """Import a list under the lock; a simulation changes nothing. Raises ClientError, ServiceError, LockedError."""
    if database.read_only:
        raise ClientError("READ_ONLY", f"database {database.name!r} is read-only: nothing can be loaded into it")
    with locked(database.pk) as holder:

        def last(database: Database) -> None:
            """Before the commit: is the lock still ours, and nobody's delivery going out."""
            if not locks.renew(database.pk, holder, conf.LOCK_LEASE):
                raise LockedError(database.pk, "")
            if mode in _TAKES_AWAY and not simulate:
                refuse_while_sending_or_starting(database)

        if mode in _TAKES_AWAY and not simulate:
            refuse_while_sending(database)  # before the work, and once more when it is done
        return load(
            database, path, Dialect(), mode, limit=_ANY_SHARE, simulate=simulate, refuse=last, fields=fields
        )


@contextlib.contextmanager
def locked(database_id: int) -> Iterator[str]:
    """Hold the database's lock for a block, which gets the holder; it is renewed meanwhile."""
    holder = locks.holder_by_hand(secrets.token_hex(4))
    locks.acquire(database_id, holder, conf.LOCK_LEASE)

    def renew() -> bool:
        return locks.renew(database_id, holder, conf.LOCK_LEASE)

    try:
        with renewed(renew, conf.LOCK_LEASE.total_seconds() / 3, "lock of an import"):
            yield holder
    finally:
        locks.release(database_id, holder)
