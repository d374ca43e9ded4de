"""The ledger's two writes: intents before the final dot, results after it (architecture, Sending)."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from deliveries.bounce_effects import suppress_bounced
from deliveries.models import MessageCopy
from deliveries.sending.ledger import suppression_sql


@dataclass(frozen=True, slots=True)
class Intent:
    """Leave to send the final dot is asked for this message, as it was seen (`attempt`).

    `keep` has the bytes kept from the intent on, not only once they are deferred or in doubt. `emptied` is how many
    addresses in it were left empty; None leaves what an earlier attempt of the same bytes said.
    """

    message_id: int
    attempt: int
    fingerprint: bytes
    sha256: bytes
    composed_at: datetime
    body: bytes
    keep: bool = False
    emptied: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one attempt. `granted`: its intent was committed; then `attempt` is the one granted.

    `wait` is seconds until a deferred message is due again. `body` is kept while the message is not final,
    `emptied` (of addresses, as in Intent) comes with it.
    `unsure` takes back an intent of which we can't know whether it was committed.
    """

    message_id: int
    attempt: int
    granted: bool
    status: str
    code: int | None = None
    enhanced: str = ""
    reply: str = ""
    category: int | None = None
    wait: float | None = None
    composed_at: datetime | None = None
    sha256: bytes | None = None
    body: bytes | None = None
    emptied: int | None = None
    unsure: bool = False


# `+ 0` keeps the planner from the index on delivery_id: while the messages of a new delivery are not in the
# statistics yet it would read all of them for each wave.
_INTENT: Final = f"""
    WITH wanted AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(prints)s::bytea[], %(sums)s::bytea[],
                             %(times)s::timestamptz[], %(emptied)s::int[])
            AS w (id, attempt, fingerprint, sum, composed, emptied)
    )
    UPDATE deliveries_message AS m
    SET status = 'sending', attempt = m.attempt + 1, owner = %(owner)s, intent_at = clock_timestamp(),
        not_before = NULL, body_sha256 = w.sum, composed_at = coalesce(m.composed_at, w.composed),
        emptied = coalesce(w.emptied, m.emptied)
    FROM wanted AS w, deliveries_delivery AS d
    WHERE m.id = w.id AND m.attempt = w.attempt AND m.status IN ('pending', 'deferred')
      AND d.id = m.delivery_id + 0 AND d.status = 'sending' AND NOT ({suppression_sql.EXISTS})
    RETURNING m.id
"""  # noqa: S608  both halves are constants of ours

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
        composed_at = coalesce(m.composed_at, e.composed), body_sha256 = coalesce(e.sum, m.body_sha256),
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

# The transaction that we lost may still be in its COMMIT: its rows are locked until it has ended either way. The
# UPDATE alone would not wait, as it finds the attempt that it asks for in no row that it can see.
_WAIT: Final = "SELECT id FROM deliveries_message WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

_KEPT: Final = frozenset({"deferred", "in_doubt", "sending"})


def commit(owner: int, results: Sequence[Result], intents: Sequence[Intent]) -> frozenset[int]:
    """Record results and intents in one transaction; return the ids that may have their dot."""
    with transaction.atomic():
        if results:
            record(owner, results)
        return grant(owner, intents) if intents else frozenset()


def grant(owner: int, intents: Sequence[Intent]) -> frozenset[int]:
    """Move what may go out to `sending`; who is suppressed meanwhile gets that outcome. In a transaction."""
    ordered = sorted(intents, key=lambda intent: intent.message_id)
    values: dict[str, Any] = {
        "owner": owner,
        "ids": [i.message_id for i in ordered],
        "attempts": [i.attempt for i in ordered],
        "prints": [i.fingerprint for i in ordered],
        "sums": [i.sha256 for i in ordered],
        "times": [i.composed_at for i in ordered],
        "emptied": [i.emptied for i in ordered],
    }
    with connection.cursor() as cursor:
        cursor.execute(_INTENT, values)
        granted = frozenset(row[0] for row in cursor.fetchall())
        if len(granted) < len(ordered):
            cursor.execute(suppression_sql.RECORD, values)
    _keep([(i.message_id, i.body) for i in ordered if i.keep and i.message_id in granted])
    return granted


def record(owner: int, results: Sequence[Result]) -> None:
    """Write outcomes where the fence (owner and attempt) still stands, and what follows from them."""
    ordered = sorted(results, key=lambda result: result.message_id)
    unsure = [result.message_id for result in ordered if result.unsure]
    with connection.cursor() as cursor:
        if unsure:
            cursor.execute(_WAIT, [unsure])
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


def _columns(results: Sequence[Result]) -> dict[str, Any]:
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
        "sums": [r.sha256 for r in results],
        "emptied": [r.emptied for r in results],
    }


def _keep(bodies: Sequence[tuple[int, bytes]]) -> None:
    MessageCopy.objects.bulk_create(
        [MessageCopy(message_id=message, body=zlib.compress(body)) for message, body in bodies],
        ignore_conflicts=True,
    )
