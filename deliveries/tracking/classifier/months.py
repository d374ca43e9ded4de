"""A partition a month for hits and events, made before it is needed; what came without one is moved into it."""

from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction
from psycopg import sql

TABLES: Final = ("deliveries_hit", "deliveries_event")
AHEAD: Final = 2  # a hit always has its partition, also where the clock stood still for weeks
_LOCK: Final = 0x786D6C6D  # one at a time makes partitions
_THERE: Final = "SELECT to_regclass(%s) IS NOT NULL"


def ensure(today: datetime | None = None) -> list[str]:
    """Make the partitions of this month and the next two where they are missing; return their names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = today or cursor.fetchone()[0]
    return [made for table in TABLES for ahead in range(AHEAD + 1) if (made := _make(table, _month(now, ahead)))]


def name_of(table: str, month: datetime) -> str:
    """Return what the partition of a month is called."""
    return f"{table}_{month:%Y_%m}"


def _month(now: datetime, ahead: int) -> datetime:
    """Return the first moment of a month, counted from this one, in UTC."""
    years, month = divmod(now.astimezone(UTC).month - 1 + ahead, 12)
    return datetime(now.astimezone(UTC).year + years, month + 1, 1, tzinfo=UTC)


def _make(table: str, month: datetime) -> str | None:
    name = name_of(table, month)
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [name])
        if cursor.fetchone()[0]:
            return None
    values = {
        "parent": sql.Identifier(table),
        "name": sql.Identifier(name),
        "rest": sql.Identifier(f"{table}_default"),
        "first": sql.Literal(month),
        "next": sql.Literal(_month(month, 1)),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_THERE, [name])
        if cursor.fetchone()[0]:
            return None
        for step in _STEPS:
            cursor.execute(step.format(**values))
    return name


# Writers wait while the rest is looked through, which holds only what came while a month was missing.
_STEPS: Final = (
    sql.SQL("LOCK TABLE {rest} IN ACCESS EXCLUSIVE MODE"),
    sql.SQL("CREATE TABLE {name} (LIKE {parent} INCLUDING ALL)"),
    sql.SQL("INSERT INTO {name} SELECT * FROM {rest} WHERE at >= {first} AND at < {next}"),
    sql.SQL("DELETE FROM {rest} WHERE at >= {first} AND at < {next}"),
    sql.SQL("ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({next})"),
)
