"""Reading people out of a database's table."""

from collections.abc import Sequence

from django.db import connection
from psycopg import sql

from recipients.models import Database
from recipients.tables.columns import SCHEMA, address_column, columns, identifier


def read_values(database: Database, ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """Return each row's values by lower-case field name; rows that are gone are left out."""
    fields = columns(database)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in ("id", *(field.name for field in fields)))
    query = sql.SQL("SELECT {} FROM {} WHERE id = ANY(%s)").format(names, identifier(database))
    keys = [field.key for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(query, [list(ids)])
        return {row[0]: dict(zip(keys, row[1:], strict=True)) for row in cursor.fetchall()}


def find_people(
    database: Database, asked: str, *, limit: int, before: int | None = None, whole: bool = False
) -> list[int]:
    """Return ids, newest first, of the rows whose address begins with `asked` (is it, when `whole`); "" is all.

    `before` goes on below an id. The index on the normalised address serves both questions.
    """
    address = sql.SQL("lower({})").format(sql.Identifier(address_column(database)))
    parts: list[sql.Composable] = [sql.SQL("TRUE")]
    parameters: list[str | int] = []
    if asked and whole:
        parts.append(sql.SQL("{} = %s").format(address))
        parameters.append(asked.lower())
    elif asked:
        # A range, as the column's collation is "C": a pattern would be built from what somebody typed.
        parts.append(sql.SQL("{0} >= %s AND {0} < %s").format(address))
        parameters += [asked.lower(), asked.lower() + "\U0010ffff"]
    if before is not None:
        parts.append(sql.SQL("id < %s"))
        parameters.append(before)
    query = sql.SQL("SELECT id FROM {} WHERE {} ORDER BY id DESC LIMIT %s")
    with connection.cursor() as cursor:
        cursor.execute(query.format(identifier(database), sql.SQL(" AND ").join(parts)), [*parameters, limit])
        return [row[0] for row in cursor.fetchall()]


def next_people(database: Database, after: int, limit: int) -> list[int]:
    """Return the ids of the next rows above `after`, ascending."""
    with connection.cursor() as cursor:
        query = sql.SQL("SELECT id FROM {} WHERE id > %s ORDER BY id LIMIT %s").format(identifier(database))
        cursor.execute(query, [after, limit])
        return [row[0] for row in cursor.fetchall()]


def estimated_sizes(database_ids: Sequence[int]) -> dict[int, int]:
    """Return about how many rows each database holds, as PostgreSQL last counted; -1 where it never did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT substr(c.relname, 4)::bigint, c.reltuples::bigint FROM pg_class AS c "
            "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = ANY(%s)",
            [SCHEMA, [f"db_{database_id}" for database_id in database_ids]],
        )
        return dict(cursor.fetchall())
