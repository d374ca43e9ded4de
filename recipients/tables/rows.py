"""Reading people out of a database's table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from psycopg import sql

from recipients.ids import id_in
from recipients.models import Database
from recipients.tables.columns import SCHEMA, address_column, columns, identifier

_HIGHEST: Final = 2**63 - 1  # of a bigint
_COUNTED: Final = 20_000  # a list of 25 such databases is counted in some 50 ms

# SQL on one row, and its parameters.
Condition = tuple[sql.Composable, tuple[str | int, ...]]


def read_values(database: Database, ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """Return each row's values by lower-case field name; rows that are gone are left out."""
    fields = columns(database)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in ("id", *(field.name for field in fields)))
    query = sql.SQL("SELECT {} FROM {} WHERE id = ANY(%s)").format(names, identifier(database))
    keys = [field.key for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(query, [list(ids)])
        return {row[0]: dict(zip(keys, row[1:], strict=True)) for row in cursor.fetchall()}


def read_names(database: Database, ids: Sequence[int]) -> dict[int, str]:
    """Return what each row's person is called by the database's key: the id, or the key field's value."""
    key = database.key.lower()
    column = next((field.name for field in columns(database) if field.key == key), None) if key else None
    if column is None:
        return {row_id: str(row_id) for row_id in ids}
    query = sql.SQL("SELECT id, {} FROM {} WHERE id = ANY(%s)").format(sql.Identifier(column), identifier(database))
    with connection.cursor() as cursor:
        cursor.execute(query, [list(ids)])
        return {row_id: "" if value is None else str(value) for row_id, value in cursor.fetchall()}


def find_people(
    database: Database, asked: str, *, limit: int, before: int | None = None, whole: bool = False
) -> list[int]:
    """Return ids, newest first, of the rows whose address or key begins with `asked`; "" is all.

    `whole`: of those whose address is it. `before` goes on below an id. The index on the normalised address serves
    its questions; a key of another field is looked for in all rows.
    """
    found = [by_address(database, asked, whole=whole)]
    if asked and not whole:
        found += _by_key(database, asked)
    each = sql.SQL("(SELECT id FROM {} WHERE {} AND id < %s ORDER BY id DESC LIMIT %s)")
    parts = [each.format(identifier(database), condition) for condition, _parameters in found]
    query = sql.SQL("SELECT id FROM ({}) AS found ORDER BY id DESC LIMIT %s").format(sql.SQL(" UNION ").join(parts))
    below = _HIGHEST if before is None else before
    parameters = [value for _condition, some in found for value in (*some, below, limit)]
    with connection.cursor() as cursor:
        cursor.execute(query, [*parameters, limit])
        return [row[0] for row in cursor.fetchall()]


def by_address(database: Database, asked: str, *, whole: bool) -> Condition:
    """Return the condition that the index on the normalised address serves; "" is everybody."""
    address = sql.SQL("lower({})").format(sql.Identifier(address_column(database)))
    if not asked:
        return sql.SQL("TRUE"), ()
    if whole:
        return sql.SQL("{} = %s").format(address), (asked.lower(),)
    # A range, as the column's collation is "C": a pattern would be built from what somebody typed.
    return sql.SQL("{0} >= %s AND {0} < %s").format(address), (asked.lower(), asked.lower() + "\U0010ffff")


def _by_key(database: Database, asked: str) -> list[Condition]:
    """Return the condition on the key where it is not the address: the automatic id whole, a field's beginning."""
    if not database.key:
        row = id_in(asked)
        return [] if row is None else [(sql.SQL("id = %s"), (row,))]
    if database.key.lower() == address_column(database).lower():
        return []
    names = [column.name for column in columns(database) if column.key == database.key.lower()]
    return [(sql.SQL("starts_with({}::text, %s)").format(sql.Identifier(name)), (asked,)) for name in names]


def next_people(database: Database, after: int, limit: int, asked: str = "") -> list[int]:
    """Return the ids of the next rows above `after`, ascending; those that `find_people` would find."""
    found = [by_address(database, asked, whole=False), *(_by_key(database, asked) if asked else [])]
    wanted = sql.SQL(" OR ").join(sql.SQL("({})").format(condition) for condition, _parameters in found)
    query = sql.SQL("SELECT id FROM {} WHERE id > %s AND ({}) ORDER BY id LIMIT %s")
    parameters = [value for _condition, some in found for value in some]
    with connection.cursor() as cursor:
        cursor.execute(query.format(identifier(database), wanted), [after, *parameters, limit])
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a database holds; of a large one about how many, as PostgreSQL last counted."""

    number: int
    is_exact: bool


def sizes(databases: Sequence[Database]) -> dict[int, Size]:
    """Return the size of each database: two queries for all, none of which reads more than a few thousand rows."""
    about = estimated_sizes([row.pk for row in databases])
    there = [row for row in databases if row.pk in about]
    if not there:
        return {row.pk: Size(0, is_exact=True) for row in databases}
    count = sql.SQL("SELECT {}, (SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS first)")
    parts = [count.format(sql.Literal(row.pk), identifier(row), sql.Literal(_COUNTED + 1)) for row in there]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        counted = dict(cursor.fetchall())
    return {row.pk: _size(counted.get(row.pk, 0), about.get(row.pk, 0)) for row in databases}


def _size(counted: int, about: int) -> Size:
    return Size(counted, is_exact=True) if counted <= _COUNTED else Size(max(counted, about), is_exact=False)


def estimated_sizes(database_ids: Sequence[int]) -> dict[int, int]:
    """Return about how many rows each database holds, as PostgreSQL last counted; -1 where it never did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT substr(c.relname, 4)::bigint, c.reltuples::bigint FROM pg_class AS c "
            "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = ANY(%s)",
            [SCHEMA, [f"db_{database_id}" for database_id in database_ids]],
        )
        return dict(cursor.fetchall())
