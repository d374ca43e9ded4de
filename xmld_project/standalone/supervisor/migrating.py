"""The tables, brought up to date by one process at a time."""

import contextlib
from collections.abc import Iterator
from typing import Final

from django.core.management import call_command
from django.db import connection

_MIGRATING: Final = 0x786D6C64  # "xmld" in ASCII: two that start at once migrate one after the other


def migrate() -> None:
    """Bring the tables up to date; two supervisors on one database take turns."""
    with _turn():
        call_command("migrate", interactive=False, verbosity=0)


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """Hold a lock by a transaction of a connection apart: a session's lock would stay with a pooler."""
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATING])
            yield
        own.rollback()
    finally:
        own.close()


def is_new() -> bool:
    """Return whether the database holds no table of ours yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NULL")
        return bool(cursor.fetchone()[0])
