"""What the sessions of this test's database do: other processes of the tests have databases of their own."""

from django.db import connection


def waits_for_a_lock() -> bool:
    """Return whether a session waits for what another one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction it would be seen once
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
