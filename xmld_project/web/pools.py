"""The threads that answer: those of public addresses apart from those of the area."""

import asyncio
import queue
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar

from xmld_project.web.admission import Refused

THREADS: Final = 4
MOST_WAITING: Final = 200

Result = TypeVar("Result")
_Job = tuple[asyncio.Future[Any], Callable[..., Any], tuple[object, ...]]


class Pool:
    """A few threads, each of which keeps its connection to the database, and a bounded queue before them.

    A ThreadPoolExecutor's two futures and their locks cost a third of what Django's emptiest view does.
    """

    def __init__(self, name: str, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = threads
        self._most = threads + most_waiting
        self._given = 0
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    async def run(self, work: Callable[..., Result], *given: object) -> Result:
        """Run `work` in a thread. Raises Refused where too many wait, and whatever `work` raises."""
        if self._given >= self._most:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests wait here: try again in a moment.")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._given += 1
        try:
            self._jobs.put((future, work, given))
            return await future
        finally:
            self._given -= 1

    def close(self) -> None:
        """Let the threads end once they have answered."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, work, given = job
            try:
                result, error = work(*given), None
            except BaseException as raised:  # noqa: BLE001  handed to who waits
                result, error = None, raised
            try:
                future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            except RuntimeError:  # the loop has ended: nobody waits any more
                return


def _settle(future: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
