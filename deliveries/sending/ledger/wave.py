"""A wave: the deliveries that were accepted and the intents that are ready, in one pipelined transaction.

What is neither (bounces, retries, doubts, suppressions) is rarer and has consequences: `commit.py` records it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from typing import Final

from deliveries.sending.database import binary_arrays as arrays
from deliveries.sending.database.pipeline import Call, PipelinedConnection, Statement
from deliveries.sending.ledger import fence, suppression_sql
from deliveries.sending.ledger.commit import packed
from deliveries.sending.ledger.records import Composed, Outcome

_MESSAGE: Final = itemgetter(0)  # the id, first of both records
_BEGIN: Final = Statement(b"", b"BEGIN")
_COMMIT: Final = Statement(b"", b"COMMIT")
# For this transaction only, so that a pooler may hand the session on. Who holds our rows for longer is waited for
# outside, not inside. The plans are kept for as long as the connection: they must not read whole tables because
# those were small, or their statistics old, when the plans were made. The lock is the fence's, see `fence.py`.
_SETTINGS: Final = Statement(
    b"settings",
    b"SELECT set_config('lock_timeout', '2s', true), set_config('enable_seqscan', 'off', true),"
    b" set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),"
    b" pg_advisory_xact_lock_shared(%d, $1::bigint::int)" % fence.LOCK,
    (arrays.INT8,),
)
_DELIVERED: Final = Statement(
    b"delivered",
    b"""
    UPDATE deliveries_message AS m
    SET status = 'delivered', outcome_at = clock_timestamp(), code = e.code, enhanced = e.enhanced, reply = e.reply,
        category = NULL, not_before = NULL
    FROM unnest($2::bigint[], $3::int[], $4::int[], $5::text[], $6::text[])
         AS e (id, attempt, code, enhanced, reply)
    WHERE m.id = e.id AND m.attempt = e.attempt AND m.owner = $1 AND m.status IN ('sending', 'in_doubt')
    """,
    (arrays.INT8, arrays.INT8S, arrays.INT4S, arrays.INT4S, arrays.TEXTS, arrays.TEXTS),
)
_FORGET: Final = Statement(
    b"forget",
    b"""
    DELETE FROM deliveries_messagecopy AS c USING deliveries_message AS m
    WHERE c.message_id = ANY($1) AND m.id = c.message_id AND m.status = 'delivered'
    """,
    (arrays.INT8S,),
)
# `+ 0` keeps the planner from the index on delivery_id: while the messages of a new delivery are not in the
# statistics yet it would read all of them for each wave.
_INTENT: Final = Statement(
    b"intent",
    f"""
    UPDATE deliveries_message AS m
    SET status = 'sending', attempt = m.attempt + 1, owner = $1, intent_at = clock_timestamp(),
        not_before = NULL, body_digest = w.sum, composed_at = coalesce(m.composed_at, w.composed),
        emptied = coalesce(w.emptied, m.emptied)
    FROM unnest($2::bigint[], $3::int[], $4::bytea[], $5::bytea[], $6::timestamptz[], $7::int[])
         AS w (id, attempt, fingerprint, sum, composed, emptied), deliveries_delivery AS d
    WHERE m.id = w.id AND m.attempt = w.attempt AND m.status IN ('pending', 'deferred')
      AND d.id = m.delivery_id + 0 AND d.status = 'sending'
      AND EXISTS (SELECT FROM deliveries_worker AS me WHERE me.id = $1 AND me.fence = $8)
      AND NOT ({suppression_sql.EXISTS})
    RETURNING m.id
    """.encode(),  # noqa: S608  both halves are constants of ours
    (
        arrays.INT8,
        arrays.INT8S,
        arrays.INT4S,
        arrays.BYTEAS,
        arrays.BYTEAS,
        arrays.TIMESTAMPS,
        arrays.INT4S,
        arrays.INT8,
    ),
)
_KEEP: Final = Statement(
    b"keep",
    b"""
    INSERT INTO deliveries_messagecopy (message_id, body)
    SELECT w.id, w.body FROM unnest($2::bigint[], $3::int[], $4::bytea[]) AS w (id, attempt, body)
    JOIN deliveries_message AS m ON m.id = w.id AND m.attempt = w.attempt + 1 AND m.owner = $1
                                AND m.status = 'sending'
    ON CONFLICT DO NOTHING
    """,
    (arrays.INT8, arrays.INT8S, arrays.INT4S, arrays.BYTEAS),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: the sender's number, and the fence that stands since it last lost a connection."""

    owner: int
    fence: int


async def commit(
    connection: PipelinedConnection, writer: Writer, delivered: Sequence[Outcome], intents: Sequence[Composed]
) -> frozenset[int]:
    """Commit deliveries and intents together; return the ids that may have their dot. Raises DatabaseAway."""
    who = writer.owner.to_bytes(8, "big")
    calls: list[Call] = [(_BEGIN, ()), (_SETTINGS, (who,))]
    if delivered:
        calls += _delivered(who, sorted(delivered, key=_MESSAGE))
    place = len(calls)
    if intents:
        calls += _intended(writer, sorted(intents, key=_MESSAGE))
    calls.append((_COMMIT, ()))
    results = await connection.run(calls)
    if not intents:
        return frozenset()
    granted = results[place]
    return frozenset(int.from_bytes(granted.get_value(row, 0) or b"", "big") for row in range(granted.ntuples))


def _delivered(who: bytes, results: Sequence[Outcome]) -> list[Call]:
    whole = dict(zip(Outcome._fields, zip(*results, strict=True), strict=True))  # column by column
    ids = arrays.int8s(whole["message_id"])
    columns = (
        who,
        ids,
        arrays.int4s(whole["attempt"]),
        arrays.int4s(whole["code"]),
        arrays.texts(whole["enhanced"]),
        arrays.texts(whole["reply"]),
    )
    calls: list[Call] = [(_DELIVERED, columns)]
    kept = list(compress(whole["message_id"], whole["may_be_kept"]))
    if kept:
        calls.append((_FORGET, (arrays.int8s(kept),)))
    return calls


def _intended(writer: Writer, intents: Sequence[Composed]) -> list[Call]:
    who = writer.owner.to_bytes(8, "big")
    whole = dict(zip(Composed._fields, zip(*intents, strict=True), strict=True))
    columns = (
        who,
        arrays.int8s(whole["message_id"]),
        arrays.int4s(whole["attempt"]),
        arrays.byteas(whole["fingerprint"]),
        arrays.byteas(whole["digest"]),
        arrays.timestamps(whole["composed_at"]),
        arrays.int4s(whole["emptied"]),
        writer.fence.to_bytes(8, "big"),
    )
    calls: list[Call] = [(_INTENT, columns)]
    kept = list(compress(intents, whole["keep"]))
    if kept:
        kept_ids, kept_attempts = [i.message_id for i in kept], [i.attempt for i in kept]
        bodies = arrays.byteas([packed(i.body) for i in kept])
        calls.append((_KEEP, (who, arrays.int8s(kept_ids), arrays.int4s(kept_attempts), bodies)))
    return calls
