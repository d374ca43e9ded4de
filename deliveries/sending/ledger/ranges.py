"""Ranges of messages: leased, renewed, returned; all times are the database's clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from deliveries import conf
from deliveries.models import Delivery, SendingRange
from deliveries.sending.ledger import completion

_LEASE: Final = conf.SENDER_DEAD_AFTER.total_seconds()

# `+ 0` has the ids of a range looked for. By the index on delivery_id all messages of a delivery would be read for
# each of its ranges, as long as they are not in the statistics (as in wave.py).

# A message whose sender died after it had lost this range is nobody's else to sweep.
_ORPHANS: Final = """
    UPDATE deliveries_message AS m SET status = 'in_doubt', outcome_at = clock_timestamp(),
        reply = 'the sender ended between the final dot and the reply'
    WHERE m.id BETWEEN %s AND %s AND m.delivery_id + 0 = %s AND m.status = 'sending'
      AND NOT EXISTS (SELECT 1 FROM deliveries_worker AS w WHERE w.id = m.owner AND w.ended_at IS NULL
                      AND w.heartbeat_at > clock_timestamp() - %s * interval '1 second')
"""
# What another, living sender has out is looked at again in a while, not at once.
_DUE: Final = """
    SELECT min(CASE WHEN status = 'sending' THEN clock_timestamp() + interval '10 seconds'
                    ELSE greatest(not_before, clock_timestamp() + %s * interval '1 second') END)
    FROM deliveries_message
    WHERE id BETWEEN %s AND %s AND delivery_id + 0 = %s AND status IN ('pending', 'sending', 'deferred')
"""


class Row(NamedTuple):
    """A message as it was read from its range."""

    id: int
    recipient_id: int
    address: str
    attempt: int
    composed_at: datetime | None
    digest: bytes | None


_CANDIDATES: Final = """
    SELECT d.id FROM deliveries_delivery AS d
    WHERE d.status = 'sending' AND NOT (%(others_only)s AND d.id = ANY(%(deliveries)s)) AND EXISTS (
        SELECT 1 FROM deliveries_sendingrange AS r WHERE r.delivery_id = d.id AND r.owner IS NULL
        AND r.due_at <= clock_timestamp())
    ORDER BY d.transactional DESC, d.account_id = ANY(%(accounts)s), d.id = ANY(%(deliveries)s),
             d.size > %(small)s, random() LIMIT 5
"""
_TAKE: Final = """
    WITH chosen AS MATERIALIZED (
        SELECT id FROM deliveries_sendingrange WHERE delivery_id = %s AND owner IS NULL
        AND due_at <= clock_timestamp() ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1)
    UPDATE deliveries_sendingrange AS r SET owner = %s, leases = leases + 1,
        lease_until = clock_timestamp() + %s * interval '1 second'
    FROM chosen WHERE r.id = chosen.id RETURNING r.*
"""


def lease(owner: int, held: Mapping[int, int], *, others_only: bool = False) -> SendingRange | None:
    """Take the next range that is due. `held`: the account of each delivery that this sender holds already.

    Transactional deliveries come first, then those of other accounts and deliveries, small ones before large ones,
    and by chance: so nobody waits behind a large delivery, however many senders there are.
    """
    asked: dict[str, Any] = {
        "others_only": others_only,
        "deliveries": list(held),
        "accounts": list(held.values()),
        "small": conf.RANGE_SIZE,
    }
    with connection.cursor() as cursor:
        # Several: another sender may take the last due range of the first meanwhile.
        cursor.execute(_CANDIDATES, asked)
        candidates = cursor.fetchall()
    for (delivery,) in candidates:
        for taken in SendingRange.objects.raw(_TAKE, [delivery, owner, _LEASE]):
            return taken
    return None


def renew(owner: int, held: Sequence[SendingRange]) -> frozenset[int]:
    """Prolong leases; return the ids of those that are still ours and whose delivery is still going out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deliveries_sendingrange AS r SET lease_until = clock_timestamp() + %s * interval '1 second'"
            " FROM deliveries_delivery AS d, unnest(%s::bigint[], %s::int[]) AS held (id, leases)"
            " WHERE r.id = held.id AND r.leases = held.leases AND r.owner = %s AND d.id = r.delivery_id"
            " RETURNING r.id, d.status = 'sending'",
            [_LEASE, [each.pk for each in held], [each.leases for each in held], owner],
        )
        return frozenset(row[0] for row in cursor.fetchall() if row[1])


def read(leased: SendingRange, after: int, limit: int) -> list[Row]:
    """Return the next messages of a range that are due, with ids above `after`, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, recipient_id, address, attempt, composed_at, body_digest FROM deliveries_message"
            " WHERE id > %s AND id BETWEEN %s AND %s AND delivery_id + 0 = %s AND status IN ('pending', 'deferred')"
            " AND (not_before IS NULL OR not_before <= clock_timestamp()) ORDER BY id LIMIT %s",
            [after, leased.first_id, leased.last_id, leased.delivery_id, limit],
        )
        rows: list[tuple[int, int, str, int, datetime | None, bytes | None]] = cursor.fetchall()
    return [
        Row(number, person, address, attempt, composed_at, None if digest is None else bytes(digest))
        for number, person, address, attempt, composed_at, digest in rows
    ]


def give_back(owner: int | None, range_id: int, leases: int, *, rest: float = 0.0) -> None:
    """Return a range: gone when nothing in it is open, else free again from its earliest retry on, after a rest.

    Nothing happens when this lease is over: it was returned already, though nobody could tell us so, and may even
    be ours again.
    """
    with transaction.atomic():
        leased = SendingRange.objects.select_for_update().filter(id=range_id, owner=owner, leases=leases)
        held = leased.first()
        if held is None:
            return
        stretch = [held.first_id, held.last_id, held.delivery_id]
        with connection.cursor() as cursor:
            cursor.execute(_ORPHANS, [*stretch, _LEASE])
            cursor.execute(_DUE, [rest, *stretch])
            due = cursor.fetchone()[0]
        if due is None:
            held.delete()
        else:
            SendingRange.objects.filter(id=held.pk).update(owner=None, lease_until=None, due_at=due)
    # After the commit: it asks whether any range is left, this one too.
    if due is None:
        completion.finish(held.delivery_id)


def give_back_strays(owner: int, held: Sequence[int]) -> None:
    """Return what was leased to us by a statement whose answer never came, `held` being the ids in hand."""
    for stray in SendingRange.objects.filter(owner=owner).exclude(id__in=held):
        give_back(owner, stray.pk, stray.leases)


def cover(delivery: Delivery, message_ids: Sequence[int]) -> None:
    """Make ranges, due at once, for messages that go back to waiting; in the caller's transaction."""
    blocks: dict[int, list[int]] = {}
    for message in sorted(message_ids):
        blocks.setdefault(message // conf.RANGE_SIZE, []).append(message)
    with connection.cursor() as cursor:
        for block in blocks.values():
            cursor.execute(
                "INSERT INTO deliveries_sendingrange (delivery_id, first_id, last_id, due_at)"
                " VALUES (%s, %s, %s, clock_timestamp())",
                [delivery.pk, block[0], block[-1]],
            )
