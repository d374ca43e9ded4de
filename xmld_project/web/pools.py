"""The threads that answer: those of public addresses apart from those of the area, each asker in turn."""

import asyncio
import queue
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar

from xmld_project.web.admission import Refused

THREADS: Final = 4
MOST_WAITING: Final = 1_000  # more would wait longer than anybody does
MOST_OF_ONE: Final = 100  # of one asker; the others still have their place

Result = TypeVar("Result")
_Job = tuple[str, asyncio.Future[Any], Callable[..., Any], tuple[object, ...]]


class Pool:
    """A few threads, each of which keeps its connection to the database, and a line of each asker before them.

    Askers are served in turn, and one never has all threads: whoever asks a thousand times at once, or for what
    takes minutes, waits for itself. A ThreadPoolExecutor's two futures and their locks cost a third of what
    Django's emptiest view does.
    """

    def __init__(self, name: str, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = self._free = threads
        self._of_one = max(threads - 1, 1)
        self._most = most_waiting
        self._lines: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._waiting = 0
        self._running: Counter[str] = Counter()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    async def run(self, who: str, work: Callable[..., Result], *given: object) -> Result:
        """Run `work` in a thread, for who asks. Raises Refused where too many wait, and whatever `work` raises."""
        line = self._lines.get(who)
        if self._waiting >= self._most or (line is not None and len(line) >= MOST_OF_ONE):
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "Too many requests wait here: try again in a moment.")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        job: _Job = (who, future, work, given)
        if self._free and self._running[who] < self._of_one:
            self._start(job)
        else:
            self._lines.setdefault(who, deque()).append(job)
            self._waiting += 1
        return await future

    def close(self) -> None:
        """Let the threads end once they have answered."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _start(self, job: _Job) -> None:
        self._free -= 1
        self._running[job[0]] += 1
        self._jobs.put(job)

    def _start_next(self) -> None:
        """Give the free thread to the next asker who may have it; who was served goes to the end."""
        for who, line in self._lines.items():
            if self._running[who] < self._of_one:
                self._start(line.popleft())
                self._waiting -= 1
                self._lines.move_to_end(who)
                if not line:
                    del self._lines[who]
                return

    def _settle(self, job: _Job, result: object, error: BaseException | None) -> None:
        who, future = job[:2]
        self._free += 1
        self._running[who] -= 1
        if not self._running[who]:
            del self._running[who]
        self._start_next()
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            _who, future, work, given = job
            try:
                result, error = work(*given), None
            except BaseException as raised:  # noqa: BLE001  handed to who waits
                result, error = None, raised
            try:
                future.get_loop().call_soon_threadsafe(self._settle, job, result, error)
            except RuntimeError:  # the loop has ended: nobody waits any more
                return
