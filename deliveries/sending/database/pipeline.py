"""A connection of the event loop's own to PostgreSQL: a whole transaction is one write, and one wait.

It is libpq's pipeline mode driven by the loop: a thread would wait for the interpreter's lock after each answer,
and hand over a future for each message.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.db import connection
from psycopg import errors, pq

from deliveries.sending.database.away import DatabaseAway, means_away, with_bounded_waits

_log: Final = logging.getLogger(__name__)
_CONNECT_PATIENCE: Final = 10
_OK: Final = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})
# What says that prepared statements do not outlive a transaction here (a pooler): they are sent in full then.
_NOT_KEPT: Final = (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """SQL with $1, $2, … and the types (object ids) of these; `name` is that of its prepared form, "" for none."""

    name: bytes
    sql: bytes
    types: tuple[int, ...] = ()


Call = tuple[Statement, Sequence[bytes | None]]


class PipelinedConnection:
    """One connection; one `run` at a time. After any trouble the next run connects anew."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._prepared: set[bytes] = set()
        self._keeps_statements = True
        self._answer: asyncio.Future[None] | None = None
        self._results: list[pq.abc.PGresult] = []
        self._socket = -1
        self._deaf = False

    async def run(self, calls: Sequence[Call]) -> list[pq.abc.PGresult]:
        """Send the calls in one go, with binary parameters and results; return a result for each.

        Raises DatabaseAway when one failed or can't be known to have succeeded: none of them counts then unless the
        last one, a COMMIT, was done.
        """
        try:
            pgconn = await self._connected()
            self._send(pgconn, calls)
            results = await self._answers(pgconn)
            _raise_first_failure(results)
        except psycopg.Error as error:
            await self.close()
            if isinstance(error, _NOT_KEPT) and self._keeps_statements:
                _log.info("prepared statements are not kept by what stands before the database: sent in full")
                self._keeps_statements = False
            elif not means_away(error):
                raise
            raise DatabaseAway(str(error).strip().split("\n")[0]) from error
        except BaseException:  # cancelled in mid-flight: what comes now would be taken for the next run's answer
            await self.close()
            raise
        return results[-len(calls) :]

    async def _connected(self) -> pq.abc.PGconn:
        if self._deaf:
            await self.close()
        if self._connection is None:
            given = {"connect_timeout": _CONNECT_PATIENCE, **connection.get_connection_params()}
            given = {name: value for name, value in given.items() if name not in {"cursor_factory", "context"}}
            self._connection = await psycopg.AsyncConnection.connect(**with_bounded_waits(given))
            pgconn = self._connection.pgconn
            pgconn.nonblocking = 1
            pgconn.enter_pipeline_mode()
            self._socket = pgconn.socket
            asyncio.get_running_loop().add_reader(self._socket, self._readable)
        return self._connection.pgconn

    def _send(self, pgconn: pq.abc.PGconn, calls: Sequence[Call]) -> None:
        if self._keeps_statements:  # before the calls, so that the results of those are the last ones
            for statement, _ in calls:
                if statement.name and statement.name not in self._prepared:
                    pgconn.send_prepare(statement.name, statement.sql, statement.types)
                    self._prepared.add(statement.name)
        for statement, parameters in calls:
            binary = [1] * len(parameters)
            if statement.name and self._keeps_statements:
                pgconn.send_query_prepared(statement.name, parameters, binary, 1)
            else:
                pgconn.send_query_params(statement.sql, parameters, statement.types, binary, 1)
        pgconn.pipeline_sync()

    async def _answers(self, pgconn: pq.abc.PGconn) -> list[pq.abc.PGresult]:
        self._results = []
        self._answer = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()
        if pgconn.flush():
            loop.add_writer(self._socket, self._writable)
        await self._answer
        return self._results

    def _writable(self) -> None:
        pgconn = self._pgconn
        try:
            if not pgconn.flush():
                asyncio.get_running_loop().remove_writer(self._socket)
        except psycopg.Error as error:
            self._fail(error)

    def _readable(self) -> None:
        """Take what came; the answers are complete at the sync point."""
        pgconn = self._pgconn
        try:
            pgconn.consume_input()
            while self._waited_for and not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:  # between the results of two statements, or nothing more ever
                    if pgconn.status == pq.ConnStatus.BAD:
                        raise psycopg.OperationalError("the server closed the connection")
                    continue
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    self._done()
                else:
                    self._results.append(result)
        except psycopg.Error as error:
            self._fail(error)

    @property
    def _pgconn(self) -> pq.abc.PGconn:
        if self._connection is None:
            raise psycopg.OperationalError("the connection is closed")
        return self._connection.pgconn

    @property
    def _waited_for(self) -> bool:
        return self._answer is not None and not self._answer.done()

    def _done(self) -> None:
        if self._answer is not None:
            self._answer.set_result(None)

    def _fail(self, error: psycopg.Error) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        else:  # the server hung up between two waves
            self._listen_no_more()

    def _listen_no_more(self) -> None:
        if self._connection is not None and not self._deaf:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
            self._deaf = True

    async def close(self) -> None:
        """Let go of the connection at once; what it was doing is rolled back unless it was committed."""
        self._listen_no_more()
        if self._connection is not None:
            await self._connection.close()
        self._connection = None
        self._deaf = False
        self._prepared.clear()


def _raise_first_failure(results: Sequence[pq.abc.PGresult]) -> None:
    failed = next((result for result in results if result.status not in _OK), None)
    if failed is not None:
        raise errors.error_from_result(failed)
