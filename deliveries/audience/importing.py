"""Import by hand under the database's lock, from the page and from the command (reference 3.3, 3.4)."""

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.db import connections

from deliveries import conf
from deliveries.audience.filters import refuse_while_sending, refuse_while_sending_or_starting
from deliveries.errors import ClientError
from recipients import locks
from recipients.loading import Dialect
from recipients.loading.modes import Changes, Mode
from recipients.models import Database

_ANY_SHARE: Final = 1.0  # a person reads the counts; only a list without a good row is refused
_TAKES_AWAY: Final = frozenset({Mode.REPLACE, Mode.DELETE})


# recipients.loading has one by COPY, and one that goes by the library where it can.
Load = Callable[..., Changes]


def import_people(database: Database, path: Path, mode: Mode, load: Load, *, simulate: bool) -> Changes:
    """Import a list under the lock; a simulation changes nothing. Raises ClientError, ServiceError, LockedError."""
    if database.read_only:
        raise ClientError("READ_ONLY", f"database {database.name!r} is read-only: nothing can be loaded into it")
    with _locked(database.pk):
        if mode not in _TAKES_AWAY:
            return load(database, path, Dialect(), mode, limit=_ANY_SHARE, simulate=simulate)
        refuse_while_sending(database)  # before the work, and once more when it is done
        last = refuse_while_sending_or_starting
        return load(database, path, Dialect(), mode, limit=_ANY_SHARE, simulate=simulate, refuse=last)


@contextlib.contextmanager
def _locked(database_id: int) -> Iterator[None]:
    """Hold the database's lock for a block; a thread renews it, on a connection of its own."""
    holder = f"import by hand {secrets.token_hex(4)}"
    locks.acquire(database_id, holder, conf.LOCK_LEASE)
    done = threading.Event()

    def renew() -> None:
        while not done.wait(conf.LOCK_LEASE.total_seconds() / 3):
            locks.renew(database_id, holder, conf.LOCK_LEASE)
        connections.close_all()

    keeper = threading.Thread(target=renew, name="lock of an import")
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        locks.release(database_id, holder)
