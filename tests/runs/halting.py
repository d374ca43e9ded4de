"""Workers held at a step, by a lock of the database, and how to tell that one is gone."""

import contextlib

import psutil
from django.db import connection, connections

from tests.waiting import wait_for

KEY = 4242
# The sessions of this database that wait: other test processes have databases of their own beside it.
WAITING = (
    "pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Halt:
    """Holds every worker that is about to commit a step, by a lock of the database."""

    def __init__(self):
        self._own = connections.create_connection("default")

    def at(self, step):
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF NEW.sub_status = '{step}' THEN PERFORM pg_advisory_xact_lock({KEY}); END IF;"
                " RETURN NEW; END $$"
            )
            cursor.execute("DROP TRIGGER IF EXISTS halt ON deliveries_runtransition")
            cursor.execute(
                "CREATE TRIGGER halt AFTER INSERT ON deliveries_runtransition FOR EACH ROW EXECUTE FUNCTION halt()"
            )
        with self._own.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock({KEY})")

    def waiting(self):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {WAITING}")
            return cursor.fetchone()[0]

    def end(self):
        with self._own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        wait_for(lambda: not self.waiting(), "no worker at the step")
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS halt ON deliveries_runtransition")

    def close(self):
        self.end()
        self._own.close()


def gone(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True
