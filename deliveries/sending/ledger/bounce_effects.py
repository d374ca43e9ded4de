"""What a bounce does to the address: the ladder of reference 7, and the event that tells of it."""

from collections.abc import Sequence

from django.utils import timezone

from deliveries import event_log
from deliveries.models import Action, Event, Message
from recipients import suppressions


def draw(message_ids: Sequence[int]) -> None:
    """Take each bounced message's address up the ladder; in the transaction that recorded the bounce."""
    if not message_ids:
        return
    bounced = Message.objects.filter(id__in=message_ids).select_related("delivery__account").order_by("address")
    events = [event for message in bounced if (event := _entered(message)) is not None]
    event_log.record(events)


def _entered(message: Message) -> Event | None:
    delivery = message.delivery
    now = timezone.now()
    step = suppressions.record_bounce(delivery.account, message.address.lower(), message.category or 0, now)
    if step is None:
        return None
    action = Action.ENTERED_PERMANENT if step.permanent else Action.ENTERED_TEMPORARY
    return Event(
        account_id=delivery.account_id,
        delivery_id=delivery.pk,
        message_id=message.pk,
        at=now,
        action=action,
        classification=message.category,
        reference=str(int(step.reason)),
        key=f"{action}{message.pk}",
    )
