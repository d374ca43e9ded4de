"""Group commits: each wave records the results and the intents that are ready; nobody waits for the slowest."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from deliveries.sending import ledger, outcomes
from deliveries.sending.journal import Journal
from deliveries.sending.ledger import Intent, Result
from deliveries.sending.threads import DatabaseAway, Desk

_log: Final = logging.getLogger(__name__)
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0

Done = Callable[[], None]


class Waves:
    """The only writer of a sender's ledger. A result given before an intent is committed no later than it."""

    def __init__(self, owner: int, desk: Desk) -> None:
        self._owner = owner
        self._desk = desk
        self._journal = Journal(owner)
        self._results: list[tuple[Result, Done]] = []
        self._in_journal = 0  # how many of the first results stand in the journal
        self._intents: list[tuple[Intent, asyncio.Future[bool]]] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def intend(self, intent: Intent) -> bool:
        """Ask leave for one final dot: True only when the intent is committed."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._intents.append((intent, future))
        self._ring()
        return await future

    def result(self, result: Result, done: Done) -> None:
        """Hand in what became of an attempt; `done` is called once it is committed."""
        self._results.append((result, done))
        self._ring()

    def _ring(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Wait until nothing is left to commit."""
        await self._idle.wait()

    async def run(self) -> None:
        """Commit wave after wave, for ever; while the database is away keep and retry."""
        pause = 0.0
        while True:
            await self._wake.wait()
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
        intents, self._intents = self._intents, []
        try:
            granted = await self._desk.ask(
                ledger.commit, self._owner, [result for result, _ in results], [intent for intent, _ in intents]
            )
        except DatabaseAway:
            self._put_back(results, intents)
            raise
        if self._in_journal:
            self._journal.clear()
            self._in_journal = 0
        for _, done in results:
            done()
        for intent, future in intents:
            if not future.cancelled():
                future.set_result(intent.message_id in granted)
        if not self._results and not self._intents:
            self._idle.set()

    def _put_back(
        self, results: list[tuple[Result, Done]], intents: list[tuple[Intent, asyncio.Future[bool]]]
    ) -> None:
        """Keep the results, on disk too; deny the intents, and take them back in case they were committed."""
        fresh = [result for result, _ in results[self._in_journal :] if not result.unsure]
        if self._journal.keep(fresh):
            self._in_journal = len(results)
        back = [(outcomes.withdrawn(intent, _UNSURE, unsure=True), _nothing) for intent, _ in intents]
        self._results = results + back + self._results
        for _, future in intents:
            if not future.cancelled():
                future.set_result(False)


# Such a result never goes into the journal: replayed after a later attempt it could undo a true intent.
_UNSURE: Final = "withdrawn before the final dot: the database did not answer"


def _nothing() -> None:
    """Nobody waits for a withdrawal."""
