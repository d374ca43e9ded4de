"""From what happened on the wire to what the ledger says of one attempt. Pure."""

from datetime import datetime
from random import Random
from typing import Final

from deliveries.refusals import Category
from deliveries.sending.ledger import retry_schedule
from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.smtp.replies import PERMANENT, TOO_MUCH, TRANSIENT, Reply, category, clean, permanent

_REFUSALS: Final = range(TRANSIENT, PERMANENT + 100)  # 4xx and 5xx; what is outside says nothing of the message


def _result(composed: Composed, status: str, *, granted: bool, **more: object) -> Outcome:
    attempt = composed.attempt + 1 if granted else composed.attempt
    open_still = status in {"deferred", "in_doubt"}
    return Outcome(
        message_id=composed.message_id,
        attempt=attempt,
        granted=granted,
        status=status,
        composed_at=composed.composed_at if open_still else None,
        digest=composed.digest if open_still else None,
        body=composed.body if open_still else None,
        emptied=composed.emptied if open_still else None,
        **more,  # type: ignore[arg-type]  # names and types are in the calls below
    )


def _words(reply: Reply) -> dict[str, object]:
    return {"code": reply.code, "enhanced": reply.enhanced, "reply": reply.text}


def refused(composed: Composed, phase: str, reply: Reply, chance: Random) -> Outcome:
    """Return what a refusal in phase mail, rcpt or data, before the dot, makes of the attempt."""
    return _of_refusal(composed, phase, reply, chance, granted=False)


def answered(composed: Composed, reply: Reply, chance: Random) -> Outcome:
    """Return what the reply to the final dot makes of it: 2xx accepted, 4xx and 5xx refused, all else unknown."""
    if reply.good:
        return Outcome(
            composed.message_id,
            composed.attempt + 1,
            True,  # by position: this is every message, and names take twice the time
            "delivered",
            reply.code,
            reply.enhanced,
            reply.text,
            may_be_kept=composed.keep or composed.attempt > 0,
        )
    if reply.code not in _REFUSALS:
        return in_doubt(composed, f"the reply to the final dot was {reply.code} {reply.text}")
    return _of_refusal(composed, "dot", reply, chance, granted=True)


def _of_refusal(composed: Composed, phase: str, reply: Reply, chance: Random, *, granted: bool) -> Outcome:
    if permanent(reply, phase):
        number = category(reply, phase, composed.return_path, composed.to)
        return _result(composed, "bounced", granted=granted, category=int(number), **_words(reply))
    seconds = retry_schedule.wait(composed.attempt + 1, chance).total_seconds()
    return _result(composed, "deferred", granted=granted, wait=seconds, **_words(reply))


def obstacle(composed: Composed, size: int, offers: frozenset[str]) -> tuple[Reply, Category] | None:
    """Return why a relay of this size can't take it: the reply as if it had said so, and the category."""
    if size and len(composed.body) > size:
        words = f"the message has {len(composed.body)} bytes, the relay takes {size}"
        return Reply(TOO_MUCH, "5.3.4", words), Category.TOO_LARGE
    if not composed.to.isascii() and "SMTPUTF8" not in offers:
        words = "the address has letters beyond ASCII and the relay does not offer SMTPUTF8"
        return Reply(553, "5.6.7", words), Category.POLICY
    return None


def undeliverable(composed: Composed, reply: Reply, why: Category) -> Outcome:
    """Bounce a message that this relay can't take as it is (too large, needs SMTPUTF8), without asking it."""
    return _result(composed, "bounced", granted=False, category=int(why), **_words(reply))


def dropped(composed: Composed, why: str, chance: Random) -> Outcome:
    """Put off a message on which the connection broke again and again before the dot."""
    seconds = retry_schedule.wait(composed.attempt + 1, chance).total_seconds()
    return _result(composed, "deferred", granted=False, wait=seconds, reply=clean(why))


def withdrawn(composed: Composed, why: str, *, unsure: bool = False) -> Outcome:
    """Take back an intent whose dot was certainly not sent: due again at once, with the same bytes.

    `unsure`: the database did not say whether the intent was committed.
    """
    return Outcome(
        composed.message_id,
        composed.attempt + 1,
        granted=True,
        status="deferred",
        reply=why,
        wait=0.0,
        composed_at=composed.composed_at,
        digest=composed.digest,
        body=composed.body,
        emptied=composed.emptied,
        unsure=unsure,
    )


def in_doubt(composed: Composed, why: str) -> Outcome:
    """Return that the dot was sent and nobody told what became of it."""
    return _result(composed, "in_doubt", granted=True, reply=clean(why))


def expired(message_id: int, seen: int, at: datetime) -> Outcome:
    """Give up a message that is no longer worth sending."""
    return Outcome(
        message_id,
        seen,
        granted=False,
        status="expired",
        reply=f"not accepted by {at:%Y-%m-%d %H:%M} UTC: given up",
    )


def faulty(message_id: int, seen: int, why: str) -> Outcome:
    """Record a message that can't be composed, for a reason of ours."""
    return Outcome(message_id, seen, granted=False, status="error", reply=clean(why))
