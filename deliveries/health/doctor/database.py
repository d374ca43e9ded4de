"""The database: its version and rights, whether a commit survives, the schema, its clock."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from deliveries.health.doctor.findings import Finding, fine, look, mend
from deliveries.sending.database.durability import unsafe_settings

OLDEST: Final = 150_000  # as server_version_num: PostgreSQL 15
_CLOCK_SECONDS: Final = 2.0  # leases go by the database, logs and mails by this machine
_CROWDED: Final = 0.8  # of max_connections: a second sender or cluster takes some more


def _one(statement: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row: tuple[object, ...] = cursor.fetchone()
        return row


def server() -> Iterator[Finding]:
    """Check version, role and connections."""
    number, text, superuser, used, most = _one(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
        " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
        " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int,"
        " current_setting('max_connections')::int"
    )
    assert isinstance(number, int)  # noqa: S101  the statement casts them
    assert isinstance(used, int)  # noqa: S101
    assert isinstance(most, int)  # noqa: S101
    if number < OLDEST:
        yield mend("database", f"PostgreSQL {text} is too old: upgrade it to 15 or newer")
    else:
        yield fine("database", f"PostgreSQL {text}, {used} of {most} connections")
    if superuser:
        yield look("database", "the product's role is a superuser: give it a role that owns its database alone")
    if used > most * _CROWDED:
        yield look(
            "database", f"{used} of {most} connections are taken: raise max_connections, or put a pooler before"
        )


def durability() -> Iterator[Finding]:
    """Check whether a committed intent survives a crash."""
    unsafe = unsafe_settings()
    if unsafe:
        yield mend("database", f"a commit may be lost ({', '.join(unsafe)}): set to on; nothing is sent until then")


def migrations() -> Iterator[Finding]:
    """Check whether the schema is that of this release."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield mend("schema", f"{len(waiting)} migrations wait: stop the product and run `manage.py migrate`")
    else:
        yield fine("schema", "up to date")


def clock() -> Iterator[Finding]:
    """Compare this machine's clock with the database's: leases and schedules go by the latter."""
    (there,) = _one("SELECT clock_timestamp()")
    assert isinstance(there, datetime)  # noqa: S101  of timestamptz
    apart = abs((datetime.now(UTC) - there).total_seconds())  # noqa: TID251  the machine's own clock is what is checked
    if apart > _CLOCK_SECONDS:
        yield mend("clock", f"this machine and the database are {apart:.0f} s apart: let NTP set both")
    else:
        yield fine("clock", f"{apart * 1000:.0f} ms from the database's")
