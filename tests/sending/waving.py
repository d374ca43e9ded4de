"""One commit of a sender's ledger, from a test without a loop of its own."""

import asyncio
from collections.abc import Sequence

from django.utils import timezone

from deliveries.models import Worker
from deliveries.sending.database.pipeline import PipelinedConnection
from deliveries.sending.ledger import commit, wave
from deliveries.sending.ledger.records import Composed, Outcome


def commit_wave(
    owner: int, outcomes: Sequence[Outcome], intents: Sequence[Composed], *, fence: int = 0
) -> frozenset[int]:
    """Record outcomes, then ask for the intents in a wave, as `Waves` does; return the ids that were granted."""
    now = timezone.now()
    Worker.objects.get_or_create(
        id=owner, defaults={"kind": "sender", "host": "test", "pid": 1, "heartbeat_at": now}
    )
    delivered = [outcome for outcome in outcomes if outcome.status == "delivered"]
    commit.record_together(owner, [outcome for outcome in outcomes if outcome.status != "delivered"])
    granted = asyncio.run(committed(wave.Writer(owner, fence), delivered, intents))
    commit.record_suppressed([asked for asked in intents if asked.message_id not in granted])
    return granted


async def committed(hand, delivered, intents):
    """Commit one wave on a connection of its own."""
    connection = PipelinedConnection()
    try:
        return await wave.commit(connection, hand, delivered, intents)
    finally:
        await connection.close()
