"""Moves of messages that several stages make, below all of them (the map is models/states.py)."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from deliveries.models import Message, MessageCopy, MessageStatus
from deliveries.models.functions import DatabaseNow


def prove_sent(message_ids: Sequence[int]) -> int:
    """Take for delivered what may have arrived and is now known to have; return how many messages moved.

    The proof is a person's hand, or something that only a received copy can cause: its open, click, bounce or
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
            Message.objects.filter(id__in=proved).update(
                status=MessageStatus.DELIVERED, outcome_at=DatabaseNow(), not_before=None
            )
            MessageCopy.objects.filter(message__in=proved).delete()
    return len(proved)
