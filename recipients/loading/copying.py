"""Rows to PostgreSQL by COPY, a little ahead of the server and no more (reference 3.3)."""

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NoReturn

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter

from recipients.errors import ServiceError

_QUEUED: Final = (
    32  # pieces of at most 128 KB; psycopg's own 1,024 hold 128 MB where the server is slower than we are
)


_SELDOM: Final = 50_000  # objects of Python's; rows of some 12 batches


class _Writer(QueuedLibpqWriter):
    """psycopg's writer with a short queue."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        super().__init__(cursor)
        self._queue = type(self._queue)(maxsize=_QUEUED)


@contextlib.contextmanager
def copying(table: sql.Composable, names: Sequence[str]) -> Iterator[Callable[[bytes], None]]:
    """Open a COPY into a table's columns; yields what takes its text. Raises ServiceError."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT text, NULL '')").format(
        table, sql.SQL(", ").join(sql.Identifier(name) for name in names)
    )
    try:
        with (
            connection.cursor() as cursor,
            # its thread talks to the server while the next rows are checked
            cursor.copy(statement, writer=_Writer(cursor.cursor)) as copy,
            connection.execute_wrapper(_not_now),
        ):
            yield copy.write
    except psycopg.OperationalError as error:
        raise ServiceError("DATABASE", words=str(error)) from error


def _not_now(*_query: object) -> NoReturn:
    """Fail at once where psycopg would wait for ever for the COPY to end."""
    raise RuntimeError("a query was made on the connection of an open COPY")


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Let Python's collector look for circles seldom within a block: rows hold none.

    Looking at each batch took a third of the work.
    """
    before = gc.get_threshold()
    if before[0] >= _SELDOM:  # another load of this process has asked for it, and takes it back
        yield
        return
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
