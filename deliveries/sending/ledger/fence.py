"""The fence around a wave whose answer never came: raised, what comes late grants nothing.

A wave is sent as a whole, so it may be carried out by a server that we no longer hear, at any time later. Each
wave holds a shared lock and asks for the fence's number; whoever raises the fence waits for the waves under way,
and those that begin afterwards read the new number. So once it is raised, what the lost wave did stands for good.
"""

from typing import Final

from django.db import connection, transaction

LOCK: Final = 0x786D6C77  # the first half of an advisory lock's key; the second is the sender's number


def raise_fence(owner: int) -> int:
    """Wait for the end of this sender's waves, keep out those not begun, and return the new number."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::bigint::int)", [LOCK, owner])
        cursor.execute("UPDATE deliveries_worker SET fence = fence + 1 WHERE id = %s RETURNING fence", [owner])
        return int(cursor.fetchone()[0])
