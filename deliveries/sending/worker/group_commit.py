"""Group commits: each wave records the results and the intents that are ready; nobody waits for the slowest."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from deliveries.sending.database.away import DatabaseAway
from deliveries.sending.database.database_thread import DatabaseThread
from deliveries.sending.database.pipeline import PipelinedConnection
from deliveries.sending.ledger import commit, fence, wave
from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.ledger.result_journal import Journal
from deliveries.sending.worker import outcomes

_log: Final = logging.getLogger(__name__)
_GATHER: Final = 0.001  # seconds: waves of 36 for waves of 25 cost PostgreSQL a fifth less, and a message 1 ms more
_FIRST_PAUSE: Final = 0.1  # seconds, doubled while the database stays away
_LONGEST_PAUSE: Final = 5.0  # seconds: what waits goes out soon after the database is back

Done = Callable[[], None]


class _Asked(NamedTuple):
    composed: Composed
    future: asyncio.Future[bool]
    done: Done

    def answer(self, *, granted: bool) -> None:
        """Tell the connection; a job that was denied has come to its end."""
        self.tell(granted=granted)
        if not granted:
            self.done()

    def tell(self, *, granted: bool) -> None:
        if not self.future.done():
            self.future.set_result(granted)


class Waves:
    """The only writer of a sender's ledger. A result given before an intent is committed no later than it."""

    def __init__(self, owner: int, thread: DatabaseThread) -> None:
        self._writer = wave.Writer(owner, 0)
        self._thread = thread
        self._ledger = PipelinedConnection()
        self._fence_holds = True
        self._journal = Journal(owner)
        self._results: list[tuple[Outcome, Done]] = []
        self._under_way: list[tuple[Outcome, Done]] = []  # in the wave that the database has not answered yet
        self._in_journal = 0  # how many of the first results are in the journal
        self._intents: list[_Asked] = []
        self._wake = asyncio.Event()
        self.begun = asyncio.Event()  # set by each wave as it goes to the database
        self.committing = False  # whether the database has one that it has not answered yet
        self.accepted = self.waves = 0
        self.wave_seconds = 0.0
        self._idle = asyncio.Event()
        self._idle.set()

    def intend(self, composed: Composed, done: Done) -> asyncio.Future[bool]:
        """Ask leave for one final dot: the answer is True only when the intent is committed.

        Where it is denied `done` is called, at once or when it is certain that the intent is not committed.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._wake_up()
        self._intents.append(_Asked(composed, future, done))
        return future

    def result(self, result: Outcome, done: Done) -> None:
        """Record what became of an attempt; `done` is called once it is committed."""
        self._wake_up()
        self._results.append((result, done))

    def _wake_up(self) -> None:
        if not self._intents and not self._results:  # else it was done by the first of them
            self._idle.clear()
            self._wake.set()

    async def settled(self) -> None:
        """Wait until nothing is left to commit."""
        await self._idle.wait()

    def keep_rest(self) -> None:
        """Put on disk what is not committed, or not known to be: a replay passes over what the database has."""
        self._keep(self._under_way + self._results)

    async def close(self) -> None:
        """Let go of the ledger's connection."""
        await self._ledger.close()

    async def run(self) -> None:
        """Commit wave after wave, for ever; while the database is away keep and retry."""
        pause = 0.0
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER)
            self._wake.clear()
            try:
                await self._wave()
                pause = 0.0
            except DatabaseAway as error:
                if not pause:
                    _log.warning("DB_AWAY: the database takes nothing, no final dot is sent: %s", error)
                pause = min(_LONGEST_PAUSE, pause * 2 or _FIRST_PAUSE)
                await asyncio.sleep(pause)
                self._wake.set()

    async def _wave(self) -> None:
        results, self._results = self._results, []
        self._under_way = results  # a stop that comes now knows of them: the journal gets what has no answer
        intents, self._intents = _each_message_once(self._intents), []
        try:
            granted = await self._committed(
                [result for result, _ in results], [asked.composed for asked in intents]
            )
        except DatabaseAway:
            self._under_way = []
            self._put_back(results, intents)
            raise
        self._under_way = []
        if self._in_journal:
            self._journal.clear()
            self._in_journal = 0
        for _, done in results:
            done()
        denied = []
        for asked in intents:
            if asked.composed.message_id in granted:
                asked.answer(granted=True)
            else:
                denied.append(asked)
        if denied:
            await self._deny(denied)
        if not self._results and not self._intents:
            self._idle.set()

    async def _committed(self, results: list[Outcome], intents: list[Composed]) -> frozenset[int]:
        """Record what has consequences, then the deliveries and the intents in one wave; return what was granted.

        What is recorded twice, as a later part failed, changes nothing the second time.
        """
        if not self._fence_holds:
            number = await self._thread.run(fence.raise_fence, self._writer.owner)
            self._writer = wave.Writer(self._writer.owner, number)
            self._fence_holds = True
        # First: a bounce that is committed before its wave fails is only recorded again, to no effect.
        consequential = [result for result in results if result.status != "delivered"]
        if consequential:
            await self._thread.run(commit.record_together, self._writer.owner, consequential)
            if len(consequential) == len(results) and not intents:
                return frozenset()
        delivered = [result for result in results if result.status == "delivered"]
        began = time.monotonic()
        self.committing = True
        self.begun.set()
        try:
            granted = await wave.commit(self._ledger, self._writer, delivered, intents)
        except BaseException:
            self._fence_holds = False  # also when cancelled: the server may carry it out all the same
            raise
        finally:
            self.committing = False
        self.accepted += len(delivered)
        self.waves += 1
        self.wave_seconds += time.monotonic() - began
        return granted

    async def _deny(self, denied: list[_Asked]) -> None:
        """Record who is on the blacklist meanwhile; where that fails they are asked for again."""
        try:
            await self._thread.run(commit.record_suppressed, [asked.composed for asked in denied])
        finally:
            for asked in denied:
                asked.answer(granted=False)

    def _put_back(self, results: list[tuple[Outcome, Done]], intents: list[_Asked]) -> None:
        """Keep the results, on disk too; deny the intents, and take them back in case they were committed."""
        self._keep(results)
        back = [(outcomes.withdrawn(asked.composed, _UNSURE, unsure=True), asked.done) for asked in intents]
        self._results = results + back + self._results
        for asked in intents:
            asked.tell(granted=False)

    def _keep(self, results: list[tuple[Outcome, Done]]) -> None:
        """Add to the journal what of all open results is not in it yet."""
        fresh = [result for result, _ in results[self._in_journal :] if not result.unsure]
        if self._journal.keep(fresh):
            self._in_journal = len(results)


# Such a result never goes into the journal: replayed after a later attempt it could undo a true intent.
_UNSURE: Final = "withdrawn before the final dot: the database did not answer"


def _each_message_once(intents: list[_Asked]) -> list[_Asked]:
    """Deny what is asked for a second time in one wave: one grant would send two dots."""
    first: dict[int, _Asked] = {}
    for asked in intents:
        if first.setdefault(asked.composed.message_id, asked) is not asked:
            asked.answer(granted=False)
    return list(first.values())
