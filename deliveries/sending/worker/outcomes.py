"""From what happened on the wire to what the ledger says of one attempt. Pure."""

from datetime import datetime
from random import Random
from typing import Final

from deliveries.sending.ledger import retry_schedule
from deliveries.sending.ledger.commit import Intent, Result
from deliveries.sending.smtp.replies import PERMANENT, TOO_MUCH, TRANSIENT, Reply, category, clean, permanent
from deliveries.sending.worker.jobs import Draft

_FINAL_CLASSES: Final = (TRANSIENT, PERMANENT + 100)


def _result(draft: Draft, status: str, *, granted: bool, **more: object) -> Result:
    attempt = draft.attempt + 1 if granted else draft.attempt
    open_still = status in {"deferred", "in_doubt"}
    return Result(
        message_id=draft.message_id,
        attempt=attempt,
        granted=granted,
        status=status,
        composed_at=draft.composed_at if open_still else None,
        sha256=draft.sha256 if open_still else None,
        body=draft.body if open_still else None,
        emptied=draft.emptied if open_still else None,
        **more,  # type: ignore[arg-type]  # names and types stand in the calls below
    )


def _words(reply: Reply) -> dict[str, object]:
    return {"code": reply.code, "enhanced": reply.enhanced, "reply": reply.text}


def refused(draft: Draft, phase: str, reply: Reply, chance: Random) -> Result:
    """Judge a refusal in phase mail, rcpt or data, before the dot."""
    return _judged(draft, phase, reply, chance, granted=False)


def answered(draft: Draft, reply: Reply, chance: Random) -> Result:
    """Judge the reply to the final dot: 2xx accepted, 4xx and 5xx refused, everything else unknown."""
    if reply.good:
        return _result(draft, "delivered", granted=True, **_words(reply))
    if not _FINAL_CLASSES[0] <= reply.code < _FINAL_CLASSES[1]:
        return in_doubt(draft, f"the reply to the final dot was {reply.code} {reply.text}")
    return _judged(draft, "dot", reply, chance, granted=True)


def _judged(draft: Draft, phase: str, reply: Reply, chance: Random, *, granted: bool) -> Result:
    if permanent(reply, phase):
        number = category(reply, phase, draft.sender, draft.to)
        return _result(draft, "bounced", granted=granted, category=int(number), **_words(reply))
    seconds = retry_schedule.wait(draft.attempt + 1, chance).total_seconds()
    return _result(draft, "deferred", granted=granted, wait=seconds, **_words(reply))


def obstacle(draft: Draft, size: int, offers: frozenset[str]) -> tuple[Reply, int] | None:
    """Say why a relay of this size can't take it: the reply as if it had said so, and the category."""
    if size and len(draft.body) > size:
        return Reply(TOO_MUCH, "5.3.4", f"the message has {len(draft.body)} bytes, the relay takes {size}"), 5
    if not draft.to.isascii() and "SMTPUTF8" not in offers:
        return Reply(553, "5.6.7", "the address has letters beyond ASCII and the relay does not offer SMTPUTF8"), 7
    return None


def undeliverable(draft: Draft, reply: Reply, number: int) -> Result:
    """Bounce a message that this relay can't take as it is (too large, needs SMTPUTF8), without asking it."""
    return _result(draft, "bounced", granted=False, category=int(number), **_words(reply))


def dropped(draft: Draft, why: str, chance: Random) -> Result:
    """Put off a message on which the connection broke again and again before the dot."""
    seconds = retry_schedule.wait(draft.attempt + 1, chance).total_seconds()
    return _result(draft, "deferred", granted=False, wait=seconds, reply=clean(why))


def withdrawn(intent: Intent, why: str, *, unsure: bool = False) -> Result:
    """Take back an intent whose dot was certainly not sent: due again at once, with the same bytes.

    `unsure`: the database did not say whether the intent was committed.
    """
    return Result(
        intent.message_id,
        intent.attempt + 1,
        granted=True,
        status="deferred",
        reply=why,
        wait=0.0,
        composed_at=intent.composed_at,
        sha256=intent.sha256,
        body=intent.body,
        emptied=intent.emptied,
        unsure=unsure,
    )


def in_doubt(draft: Draft, why: str) -> Result:
    """Say that the dot was sent and nobody told what became of it."""
    return _result(draft, "in_doubt", granted=True, reply=clean(why))


def expired(message_id: int, seen: int, at: datetime) -> Result:
    """Give up a message that is no longer worth sending."""
    return Result(
        message_id,
        seen,
        granted=False,
        status="expired",
        reply=f"not accepted by {at:%Y-%m-%d %H:%M} UTC: given up",
    )


def faulty(message_id: int, seen: int, why: str) -> Result:
    """Record a message that can't be composed, for a reason of ours."""
    return Result(message_id, seen, granted=False, status="error", reply=clean(why))
