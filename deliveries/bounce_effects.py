"""What a bounce does, at SMTP time or later: the message, the address's ladder, the events (reference 7, 7.1)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from deliveries import event_log, message_events, message_moves
from deliveries.message_moves import Refused
from deliveries.models import Action, Event, Message
from recipients import suppressions


def bounce(message: Message, refused: Refused) -> bool:
    """Take a message that had gone out for bounced, with all that follows; False where it had bounced already."""
    with transaction.atomic():
        if not message_moves.bounce(message.pk, refused):
            return False
        message_events.record_once(message, Action.BOUNCE, classification=refused.category)
        suppress_bounced([message.pk])
    return True


def suppress_bounced(message_ids: Sequence[int]) -> None:
    """Take each bounced message's address up the ladder; in the transaction that recorded the bounce."""
    if not message_ids:
        return
    bounced = Message.objects.filter(id__in=message_ids).select_related("delivery__account").order_by("address")
    events = [event for message in bounced if (event := _entered(message)) is not None]
    event_log.record(events)


def _entered(message: Message) -> Event | None:
    address = message.address.lower()
    if message.is_erased:
        return None
    account = message.delivery.account
    step = suppressions.record_bounce(account, address, message.category or 0, timezone.now(), message.delivery_id)
    if step is None:
        return None
    action = Action.ENTERED_PERMANENT if step.permanent else Action.ENTERED_TEMPORARY
    return message_events.event_of(
        message, action, classification=message.category, reference=str(int(step.reason))
    )
