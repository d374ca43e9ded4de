"""A sender's parts in this process, until nothing is due any more."""

import asyncio
import time

from deliveries import workers
from deliveries.relay.address import read_address
from deliveries.sending.database.database_thread import DatabaseThread
from deliveries.sending.ledger import relay_health
from deliveries.sending.smtp.backoff import Relay
from deliveries.sending.worker.connection import DeliveryConnection
from deliveries.sending.worker.dispatcher import Dispatcher
from deliveries.sending.worker.drafting import draft_ahead
from deliveries.sending.worker.feeder import Feeder
from deliveries.sending.worker.group_commit import Waves
from tests.waiting import PATIENCE


def pump(url: str, *, connections: int = 2, seconds: float = PATIENCE) -> Relay:
    """Send what is due now and return the relay as it was left."""
    return asyncio.run(_pump(url, connections, seconds))


async def _pump(url: str, connections: int, seconds: float) -> Relay:
    ledger, reading = DatabaseThread("ledger"), DatabaseThread("reading")
    owner = await ledger.run(workers.enrol_sender)
    waves = Waves(owner, ledger)
    dispatcher = Dispatcher(waves, Relay(read_address(url)))
    feeder = Feeder(owner, dispatcher, reading)
    carriers = [DeliveryConnection(dispatcher) for _ in range(connections)]
    parts = [waves.run(), draft_ahead(dispatcher.turns, waves), *(carrier.run() for carrier in carriers)]
    tasks = [asyncio.create_task(part) for part in parts]
    until = time.monotonic() + seconds
    try:
        idle = 0
        while idle < 2:  # what a broken line put back is due at once, and leased anew
            assert time.monotonic() < until, "the sender is still at it"
            assert not any(task.done() for task in tasks), [task for task in tasks if task.done()]
            await feeder.step()
            await feeder.look()
            await feeder.pause_refused()
            relay = dispatcher.relay
            if relay.untold:
                relay.untold = False
                await reading.run(relay_health.tell, relay.address, relay.code, relay.words)
            idle = 0 if feeder.held else idle + 1  # asked after the step: what it leased is sent and returned
        await asyncio.gather(*(carrier.quit() for carrier in carriers))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await waves.close()
        ledger.close()
        reading.close()
    return dispatcher.relay
