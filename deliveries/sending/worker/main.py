"""The sender's process: long-lived, keeps connections open, sends in waves (architecture, Sending)."""

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvloop

from deliveries import conf, workers
from deliveries.errors import ServiceError
from deliveries.relay.address import read_address
from deliveries.sending.database import durability
from deliveries.sending.database.away import DatabaseAway
from deliveries.sending.database.database_thread import DatabaseThread
from deliveries.sending.ledger import relay_health, result_journal, sweeper
from deliveries.sending.smtp import backoff
from deliveries.sending.smtp.handshake import open_session
from deliveries.sending.smtp.session import RelayTrouble
from deliveries.sending.worker.connection import DeliveryConnection
from deliveries.sending.worker.dispatcher import Dispatcher
from deliveries.sending.worker.drafting import draft_ahead
from deliveries.sending.worker.feeder import Feeder
from deliveries.sending.worker.group_commit import Waves

_log: Final = logging.getLogger(__name__)
_TICK: Final = 1.0  # second: a pause or stop is obeyed within five (reference 5.3)
_BEAT: Final = 5  # ticks: a sender counts as dead after SENDER_DEAD_AFTER
_SWEEP: Final = 10  # ticks
_AWAY: Final = 1.0  # seconds between tries while the database is away
_LAST_COMMIT: Final = 5.0  # seconds for the database at the end; what it does not take goes into the journal
_SELDOM: Final = 50_000  # objects made between two collections


def run() -> None:
    """Send until SIGTERM or SIGINT; raises ServiceError when it must not start (UNSAFE_DB_SETTING, SMTP_URL)."""
    _collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main())


def _collect_seldom() -> None:
    """Let the collector look for circles seldom, and not at the code: the rows read ahead hold none."""
    gc.collect()
    gc.freeze()  # what is loaded stays to the end, and need not be looked through
    gc.set_threshold(_SELDOM)


async def _main() -> None:
    address = read_address(conf.smtp_url())
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # before it enrols: then others know it, and may stop it
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    recording, reading = DatabaseThread("ledger"), DatabaseThread("reading")
    try:
        owner = await _prepared(recording)
        waves = Waves(owner, recording)
        dispatcher = Dispatcher(waves, backoff.Relay(address), stopping)
        await _Sender(owner, waves, dispatcher, reading).work()
        await reading.run(workers.leave_sender, owner)
    except DatabaseAway as error:
        raise ServiceError("DB_AWAY", f"the database does not answer: {error}") from error
    finally:
        reading.close()
        recording.close()


async def _prepared(thread: DatabaseThread) -> int:
    """Check the database, record what earlier senders could not, and enrol; before the first lease."""
    await thread.run(durability.require_safe_database)
    replayed = await thread.run(result_journal.replay)
    if replayed:
        _log.info("recorded %s results from the journal of an earlier sender", replayed)
    return await thread.run(workers.enrol_sender)


class _Sender:
    """One process: a feeder, the connections, the waves, and what is done each second."""

    def __init__(self, owner: int, waves: Waves, dispatcher: Dispatcher, thread: DatabaseThread) -> None:
        self._owner = owner
        self._waves = waves
        self._dispatcher = dispatcher
        self._thread = thread
        self._feeder = Feeder(owner, dispatcher, thread)
        self._connections = [DeliveryConnection(dispatcher) for _ in range(conf.connections())]
        self._ticks = 0

    async def work(self) -> None:
        """Send until told to stop, then let the replies come in."""
        waves = asyncio.create_task(self._waves.run())
        pulse = asyncio.create_task(self._forever(self._tick))
        feeding = asyncio.create_task(self._forever(self._feeder.step))
        ahead = asyncio.create_task(draft_ahead(self._dispatcher.turns, self._waves))
        sending = [asyncio.create_task(connection.run()) for connection in self._connections]
        stop = asyncio.create_task(self._dispatcher.stopping.wait())
        parts: list[asyncio.Task[Any]] = [stop, waves, pulse, feeding, ahead, *sending]
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        self._dispatcher.stopping.set()
        await self._wind_down(sending, feeding)
        for task in (stop, waves, pulse, ahead):
            task.cancel()
        await asyncio.gather(stop, waves, pulse, ahead, return_exceptions=True)
        await self._waves.close()
        for task in done - {stop}:
            task.result()  # a part that ended by itself did so with an error: let it be seen

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except DatabaseAway:
                await asyncio.sleep(_AWAY)

    async def _tick(self) -> None:
        """Each second: leases and pauses; more rarely the heartbeat, the database's settings, the sweep."""
        await self._feeder.look()
        await self._feeder.pause_refused()
        await self._tell_of_the_relay()
        if self._ticks % _BEAT == 0:
            await self._beat()
        if self._ticks % _SWEEP == 0:
            await self._thread.run(durability.require_safe_database)
            await self._thread.run(sweeper.sweep)
        self._ticks += 1
        await asyncio.sleep(_TICK)

    async def _beat(self) -> None:
        waves = self._waves
        await self._thread.run(
            workers.sender_heartbeat,
            self._owner,
            accepted=waves.accepted,
            waves=waves.waves,
            wave_seconds=waves.wave_seconds,
        )

    async def _tell_of_the_relay(self) -> None:
        """Let everybody know how the relay answers; where nothing is to be sent, look whether it is back."""
        relay = self._dispatcher.relay
        if relay.code and not relay.rest_left() and not self._feeder.held:
            await self._try_the_relay(relay)
        if relay.untold:
            relay.untold = False
            await self._thread.run(relay_health.tell, relay.address, relay.code, relay.words)

    async def _try_the_relay(self, relay: backoff.Relay) -> None:
        try:
            session = await open_session(relay.address)
        except RelayTrouble as trouble:
            relay.trouble(trouble.code, trouble.why)
        else:
            await session.quit()
            relay.answered()

    async def _wind_down(self, sending: list[asyncio.Task[None]], feeding: asyncio.Task[None]) -> None:
        """No further dot; wait for the replies still out, then record, return the ranges, close the lines."""
        feeding.cancel()
        out = [connection.unengaged.wait() for connection in self._connections]
        await asyncio.wait([asyncio.ensure_future(waiting) for waiting in out], timeout=conf.stop_seconds())
        for task in sending:
            task.cancel()  # out of time: a dot without its reply is in doubt
        await asyncio.gather(feeding, *sending, return_exceptions=True)
        try:
            async with asyncio.timeout(_LAST_COMMIT):
                await self._waves.settled()
                for held in self._feeder.held:
                    held.close()
                    held.out = 0
                await self._feeder.give_back()
                await asyncio.gather(*(connection.quit() for connection in self._connections))
        except (TimeoutError, DatabaseAway) as error:
            self._waves.keep_rest()
            _log.warning("stopped without the database's answer: the journal keeps the results (%s)", error)
