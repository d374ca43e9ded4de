"""Import by hand: insert, insert new, update, replace, delete, each of them also as a simulation (reference 3.1).

The list goes by COPY into a temporary table of the same columns and from there, by its key, to the people. The
key of a database without one of its own (the automatic id, which no list can know) is the address.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from recipients import tables
from recipients.loading.checking import copy_text
from recipients.loading.copying import copying
from recipients.loading.dialect import Dialect
from recipients.loading.load import Progress as Progress
from recipients.loading.load import Terms, good_rows
from recipients.loading.results import LoadResult, Tally
from recipients.loading.spreadsheets import opened_list
from recipients.models import Database, FieldType
from recipients.tables import Column

_STAGING: Final = sql.Identifier("pg_temp", "import_by_hand")
_ORDER: Final = sql.Identifier("import order")  # no field's name holds a blank


# What deliveries say to rows being taken away: raises ClientError while one goes out (reference 3.4).
Refuse = Callable[[Database], None]


class Mode(StrEnum):
    """What an import does with its rows.

    INSERT appends all; INSERT_NEW those whose key is not there yet (the last of a key in the list); UPDATE writes
    the given columns to the newest row of each key; REPLACE empties the database and appends all; DELETE removes
    the newest row of each key.
    """

    INSERT = "insert"
    INSERT_NEW = "insert_new"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import did, or in a simulation would do; `rows` says which rows of the list are bad."""

    rows: LoadResult
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


def import_list(  # noqa: PLR0913  what a person chooses on the page
    database: Database,
    path: Path,
    dialect: Dialect,
    mode: Mode,
    *,
    limit: float,
    simulate: bool = False,
    fields: Sequence[str] | None = None,
    progress: Progress = lambda _rows: None,
    refuse: Refuse = lambda _database: None,
) -> Changes:
    """Import a CSV, a zip or a spreadsheet by hand in one transaction, rolled back at its end in a simulation.

    `fields` match its columns where a person did; `limit` is the share of bad rows allowed; `refuse` is asked last,
    before the commit, and raises when deliveries need the rows. Raises ClientError, BadRowsError, ServiceError. Who
    may is the caller's to check; so is the lock.
    """
    columns = tables.columns(database)
    terms = Terms(limit, database.account.zone, progress=progress)  # no query may be made while the COPY is open
    with opened_list(path, dialect, columns, needed_name(database, mode), fields) as table, transaction.atomic():
        tally = Tally()
        _stage(database, table.columns)
        with copying(_STAGING, [column.name for column in table.columns]) as write:
            for rows in good_rows(table.columns, table.records.batches(tally.add), tally, terms):
                write(copy_text(rows, None))
        changes = _apply(mode, database, table.columns, tally.settle(limit))
        Database.objects.filter(pk=database.pk).update(last_loaded_at=timezone.now())
        refuse(database)  # last, so that what begins meanwhile is seen
        transaction.set_rollback(simulate)
    return changes


def key_column(database: Database) -> Column:
    """Return the field that names a person of this database: the chosen one, else the address."""
    name = (database.key or tables.address_column(database)).lower()
    found = [column for column in tables.columns(database) if column.key == name]
    return found[0] if found else next(c for c in tables.columns(database) if c.type == FieldType.EMAIL)


def needed_name(database: Database, mode: Mode) -> str:
    """Return the field that a list must give in a mode: the key where people are looked up, else the address."""
    by_key = mode in {Mode.UPDATE, Mode.DELETE}
    return key_column(database).name if by_key else tables.address_column(database)


def _stage(database: Database, columns: Sequence[Column]) -> None:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    # where one transaction imports twice
    _run(sql.SQL("DROP TABLE IF EXISTS {}").format(_STAGING))
    _run(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WHERE false").format(
            sql.Identifier("import_by_hand"), names, tables.identifier(database)
        )
    )
    # The order of the list, which decides where a key comes twice.
    _run(sql.SQL("ALTER TABLE {} ADD COLUMN {} bigint GENERATED ALWAYS AS IDENTITY").format(_STAGING, _ORDER))


def _apply(mode: Mode, database: Database, columns: Sequence[Column], rows: LoadResult) -> Changes:
    people = tables.identifier(database)
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    key = _compared(key_column(database))
    if mode in {Mode.INSERT, Mode.REPLACE}:
        # Not TRUNCATE, which shuts out whoever reads meanwhile.
        deleted = _run(sql.SQL("DELETE FROM {}").format(people)) if mode == Mode.REPLACE else 0
        chosen = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(names, _STAGING, _ORDER)
        return Changes(rows, inserted=_append(people, names, chosen), deleted=deleted)
    if mode == Mode.INSERT_NEW:
        return Changes(rows, inserted=_append(people, names, _new_rows(people, names, key)))
    if mode == Mode.DELETE:
        delete = sql.SQL("DELETE FROM {} WHERE id IN (SELECT id FROM ({}) AS newest)")
        return Changes(rows, deleted=_run(delete.format(people, _newest(people, key))))
    return Changes(rows, updated=_update(people, columns, key))


def _compared(key: Column) -> sql.Composable:
    """Return how a key is compared: an address without regard to case, all else as it is."""
    name = sql.Identifier(key.name)
    return sql.SQL("lower({})").format(name) if key.type == FieldType.EMAIL else name


def _append(people: sql.Composable, names: sql.Composable, chosen: sql.Composable) -> int:
    return _run(sql.SQL("INSERT INTO {} ({}) {}").format(people, names, chosen))


def _last_of_each(names: sql.Composable, key: sql.Composable) -> sql.Composed:
    """Return the query for the last row of each key in the list; rows without a key are each their own."""
    return sql.SQL(
        "SELECT DISTINCT ON ({key}, CASE WHEN {key} IS NULL THEN {order} END) {names}, {order} FROM {staging} "
        "ORDER BY {key}, CASE WHEN {key} IS NULL THEN {order} END, {order} DESC"
    ).format(key=key, names=names, order=_ORDER, staging=_STAGING)


def _new_rows(people: sql.Composable, names: sql.Composable, key: sql.Composable) -> sql.Composed:
    return sql.SQL(
        "SELECT {names} FROM ({last}) AS given WHERE {key} IS NULL OR {key} NOT IN "
        "(SELECT {key} FROM {people} WHERE {key} IS NOT NULL) ORDER BY {order}"
    ).format(names=names, last=_last_of_each(names, key), key=key, people=people, order=_ORDER)


def _newest(people: sql.Composable, key: sql.Composable) -> sql.Composed:
    """Return the query for the id and the key of the newest row of each key that the list gives."""
    return sql.SQL(
        "SELECT max(id) AS id, {key} AS named FROM {people} "
        "WHERE {key} IN (SELECT {key} FROM {staging}) GROUP BY {key}"
    ).format(key=key, people=people, staging=_STAGING)


def _update(people: sql.Composable, columns: Sequence[Column], key: sql.Composable) -> int:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    changes = sql.SQL(", ").join(
        sql.SQL("{name} = given.{name}").format(name=sql.Identifier(column.name)) for column in columns
    )
    statement = sql.SQL(
        "UPDATE {people} AS people SET {changes} FROM ({newest}) AS newest JOIN "
        "(SELECT last.*, {key} AS named FROM ({last}) AS last) AS given ON given.named = newest.named "
        "WHERE people.id = newest.id"
    )
    return _run(
        statement.format(
            people=people, changes=changes, newest=_newest(people, key), key=key, last=_last_of_each(names, key)
        )
    )


def _run(statement: sql.Composable) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)
