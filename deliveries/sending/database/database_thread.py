"""The database from a loop that must not wait: threads, each with a connection of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, InternalError, OperationalError, connection

from deliveries.sending.database.away import DatabaseAway, with_bounded_waits

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread:
    """One thread with one connection; calls run one after the other."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_bound_waits)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call in the thread; raises DatabaseAway and starts with a new connection the next time."""
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, lambda: _guarded(call, *args, **kwargs)
        )

    def close(self) -> None:
        """Close the connection and end the thread once its work is done."""
        self._executor.submit(_hang_up)
        self._executor.shutdown(wait=True)


def _hang_up() -> None:
    connection.close()  # looked up here: a connection belongs to its thread


def _bound_waits() -> None:
    """Have this thread's sessions wait 2 s for a lock."""
    options = connection.settings_dict["OPTIONS"]
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": with_bounded_waits(options)}


def _guarded(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return call(*args, **kwargs)
    except (OperationalError, InterfaceError, InternalError) as error:
        connection.close()
        raise DatabaseAway(str(error).strip().split("\n")[0]) from error
