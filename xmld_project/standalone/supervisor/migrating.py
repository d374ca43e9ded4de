"""The tables, brought up to date by one process at a time."""

from typing import Final

from django.core.management import call_command
from django.db import connection

_MIGRATING: Final = 0x786D6C64


def migrate() -> None:
    """Bring the tables up to date; two supervisors on one database take turns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])


def is_new() -> bool:
    """Tell whether the database holds no table of ours yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NULL")
        return bool(cursor.fetchone()[0])
