"""Moves of messages that several stages make, below all of them (the map is models/states.py)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce

from deliveries.models import Message, MessageCopy, MessageStatus
from deliveries.models.functions import DatabaseNow
from deliveries.models.moves import move
from deliveries.models.states import WAITING_MESSAGES


def prove_sent(message_ids: Sequence[int]) -> int:
    """Take for delivered what may have arrived and is now known to have; return how many messages moved.

    The proof is an operator's word, or something that only a received copy can cause: its open, click, bounce or
    unsubscription. One that waits to be sent again out of doubt (`doubted`) is not sent again.
    """
    unsure = Q(status=MessageStatus.IN_DOUBT) | Q(
        doubted=True, status__in=[MessageStatus.PENDING, MessageStatus.DEFERRED]
    )
    with transaction.atomic():
        # Locked in the order in which senders lock them.
        rows = Message.objects.filter(unsure, id__in=message_ids).order_by("id").select_for_update()
        proved = list(rows.values_list("id", flat=True))
        if proved:
            rows = Message.objects.filter(id__in=proved)
            move(rows, MessageStatus.DELIVERED, outcome_at=DatabaseNow(), not_before=None)
            MessageCopy.objects.filter(message__in=proved).delete()
    return len(proved)


def cancel_waiting(delivery_id: int) -> None:
    """Cancel what a delivery that was stopped did not send; what may have arrived before stays in doubt."""
    # Rows are locked in the order in which senders lock them.
    mine = Message.objects.filter(delivery=delivery_id, status__in=WAITING_MESSAGES)
    waiting = mine.order_by("id").select_for_update()
    end = Case(When(doubted=True, then=Value(MessageStatus.IN_DOUBT)), default=Value(MessageStatus.CANCELLED))
    Message.objects.filter(id__in=waiting.values("id"), status__in=WAITING_MESSAGES).update(
        status=end, outcome_at=DatabaseNow(), not_before=None
    )


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a message that had gone out came back: three digits or None, 5.1.1 or "", the words, the category."""

    code: int | None
    enhanced: str
    reply: str
    category: int


def bounce(message_id: int, refused: Refused) -> bool:
    """Take a message that has gone out for bounced; False where it had bounced, or had never gone out.

    When it went out stays as it was. One whose reply is still awaited moves too: that reply finds it settled.
    """
    prove_sent([message_id])
    gone_out = Message.objects.filter(id=message_id, status__in=[MessageStatus.DELIVERED, MessageStatus.SENDING])
    moved = move(
        gone_out,
        MessageStatus.BOUNCED,
        outcome_at=Coalesce("outcome_at", DatabaseNow()),
        code=refused.code,
        enhanced=refused.enhanced,
        reply=refused.reply,
        category=refused.category,
    )
    if moved:
        MessageCopy.objects.filter(message=message_id).delete()
    return bool(moved)
