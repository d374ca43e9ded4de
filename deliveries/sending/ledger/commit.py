"""How the ledger records outcomes, and all that follows from them (architecture, Sending).

Intents, and the results that are plain deliveries, go out in waves: `wave.py`.
"""

import zlib
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction

from deliveries.messages.bounce_effects import suppress_bounced
from deliveries.models import MessageCopy
from deliveries.sending.ledger import suppression_sql
from deliveries.sending.ledger.records import Composed, Outcome

# A result of an intent that was granted may also settle what a sweeper has meanwhile called in doubt; one
# without an intent touches only what is still waiting. What is deferred in a stopped delivery is cancelled, and
# what may have arrived before goes back into doubt where we give it up.
_RESULT: Final = """
    WITH ended AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(granted)s::bool[], %(statuses)s::text[],
            %(codes)s::int[], %(enhanced)s::text[], %(replies)s::text[], %(categories)s::int[], %(waits)s::float8[],
            %(times)s::timestamptz[], %(sums)s::bytea[], %(emptied)s::int[])
        AS e (id, attempt, granted, status, code, enhanced, reply, category, wait, composed, sum, emptied)
    )
    UPDATE deliveries_message AS m
    SET status = CASE WHEN m.doubted AND (e.status IN ('error', 'expired')
                                          OR (e.status = 'deferred' AND d.status = 'stopped')) THEN 'in_doubt'
                      WHEN e.status = 'deferred' AND d.status = 'stopped' THEN 'cancelled' ELSE e.status END,
        attempt = CASE WHEN e.granted THEN m.attempt ELSE m.attempt + 1 END,
        outcome_at = clock_timestamp(), code = e.code, enhanced = e.enhanced, reply = e.reply,
        category = e.category,
        not_before = CASE WHEN e.wait IS NULL THEN NULL ELSE clock_timestamp() + e.wait * interval '1 second' END,
        composed_at = coalesce(m.composed_at, e.composed), body_digest = coalesce(e.sum, m.body_digest),
        emptied = coalesce(e.emptied, m.emptied)
    FROM ended AS e, deliveries_delivery AS d
    WHERE m.id = e.id AND m.attempt = e.attempt AND d.id = m.delivery_id
      AND CASE WHEN e.granted THEN m.owner = %(owner)s AND m.status IN ('sending', 'in_doubt')
               ELSE m.status IN ('pending', 'deferred') END
    RETURNING m.id, m.status
"""

# A late 4xx may find its range gone and its delivery sent, or about to be: it is covered again.
_COVER: Final = """
    INSERT INTO deliveries_sendingrange (delivery_id, first_id, last_id, due_at)
    SELECT m.delivery_id, m.id, m.id, m.not_before FROM deliveries_message AS m
    WHERE m.id = ANY(%s) AND NOT EXISTS (SELECT 1 FROM deliveries_sendingrange AS r
        WHERE r.delivery_id = m.delivery_id AND m.id BETWEEN r.first_id AND r.last_id)
    RETURNING delivery_id
"""
_HELD: Final = "SELECT id FROM deliveries_delivery WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_REOPEN: Final = """
    UPDATE deliveries_delivery SET status = 'sending', ended_at = NULL WHERE id = ANY(%s) AND status = 'sent'
"""

_KEPT: Final = frozenset({"deferred", "in_doubt", "sending"})


def record_suppressed(intents: Sequence[Composed]) -> None:
    """Give those who were denied because their address is blacklisted or unsubscribed meanwhile that outcome."""
    ordered = sorted(intents, key=lambda intent: intent.message_id)
    values: dict[str, Any] = {
        "ids": [i.message_id for i in ordered],
        "attempts": [i.attempt for i in ordered],
        "prints": [i.fingerprint for i in ordered],
    }
    with connection.cursor() as cursor:
        cursor.execute(suppression_sql.RECORD, values)


def record_together(owner: int, results: Sequence[Outcome]) -> None:
    """Record results in a transaction of their own."""
    with transaction.atomic():
        record(owner, results)


def record(owner: int, results: Sequence[Outcome]) -> None:
    """Write outcomes where attempt and, after an intent, owner are still the row's, and what follows from them."""
    ordered = sorted(results, key=lambda result: result.message_id)
    with connection.cursor() as cursor:
        cursor.execute(_RESULT, {"owner": owner, **_columns(ordered)})
        written = dict(cursor.fetchall())
        deferred = [message for message, status in written.items() if status == "deferred"]
        if deferred:
            cursor.execute(_COVER, [deferred])
            uncovered = [row[0] for row in cursor.fetchall()]
            if uncovered:
                cursor.execute(_HELD, [uncovered])
                cursor.execute(_REOPEN, [uncovered])
    bodies = [(r.message_id, r.body) for r in ordered if r.body is not None and written.get(r.message_id) in _KEPT]
    _keep([(message, body) for message, body in bodies if body is not None])
    over = [message for message, status in written.items() if status not in _KEPT]
    if over:
        MessageCopy.objects.filter(message__in=over).delete()
    suppress_bounced([message for message, status in written.items() if status == "bounced"])


def _columns(results: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "ids": [r.message_id for r in results],
        "attempts": [r.attempt for r in results],
        "granted": [r.granted for r in results],
        "statuses": [r.status for r in results],
        "codes": [r.code for r in results],
        "enhanced": [r.enhanced for r in results],
        "replies": [r.reply for r in results],
        "categories": [r.category for r in results],
        "waits": [r.wait for r in results],
        "times": [r.composed_at for r in results],
        "sums": [r.digest for r in results],
        "emptied": [r.emptied for r in results],
    }


def packed(body: bytes) -> bytes:
    """Return a message's bytes as they are kept: the fastest of zlib's levels, as many may be put off at once."""
    return zlib.compress(body, 1)


def _keep(bodies: Sequence[tuple[int, bytes]]) -> None:
    MessageCopy.objects.bulk_create(
        [MessageCopy(message_id=message, body=packed(body)) for message, body in bodies],
        ignore_conflicts=True,
    )
