"""Import by hand under the database's lock, from the page and from the command (reference 3.3, 3.4)."""

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from deliveries import conf
from deliveries.audience.filters import refuse_while_sending, refuse_while_sending_or_starting
from deliveries.errors import ClientError, LockedError
from recipients import locks
from recipients.loading import Dialect
from recipients.loading.modes import Changes, Mode
from recipients.models import Database

_ANY_SHARE: Final = 1.0  # a person reads the counts; only a list without a good row is refused
_AGAIN_SECONDS: Final = 1.0
_TAKES_AWAY: Final = frozenset({Mode.REPLACE, Mode.DELETE})


# recipients.loading has one by COPY, and one that goes by the library where it can.
Load = Callable[..., Changes]


def import_people(database: Database, path: Path, mode: Mode, load: Load, *, simulate: bool) -> Changes:
    """Import a list under the lock; a simulation changes nothing. Raises ClientError, ServiceError, LockedError."""
    if database.read_only:
        raise ClientError("READ_ONLY", f"database {database.name!r} is read-only: nothing can be loaded into it")
    with _locked(database.pk) as holder:

        def last(database: Database) -> None:
            """Before the commit: is the lock still ours, and nobody's delivery going out."""
            if not locks.renew(database.pk, holder, conf.LOCK_LEASE):
                raise LockedError(database.pk, "")
            if mode in _TAKES_AWAY:
                refuse_while_sending_or_starting(database)

        if mode in _TAKES_AWAY:
            refuse_while_sending(database)  # before the work, and once more when it is done
        return load(database, path, Dialect(), mode, limit=_ANY_SHARE, simulate=simulate, refuse=last)


@contextlib.contextmanager
def _locked(database_id: int) -> Iterator[str]:
    """Hold the database's lock for a block, which gets the holder; a thread renews it, on its own connection."""
    holder = f"import by hand {secrets.token_hex(4)}"
    locks.acquire(database_id, holder, conf.LOCK_LEASE)
    done = threading.Event()

    def renew() -> None:
        pause = often = conf.LOCK_LEASE.total_seconds() / 3
        while not done.wait(pause):
            pause = often
            try:
                locks.renew(database_id, holder, conf.LOCK_LEASE)
            except (DatabaseError, InterfaceError):  # it is away for a moment: asked again
                connection.close()
                pause = _AGAIN_SECONDS
        connection.close()

    keeper = threading.Thread(target=renew, name="lock of an import")
    keeper.start()
    try:
        yield holder
    finally:
        done.set()
        keeper.join()
        locks.release(database_id, holder)
