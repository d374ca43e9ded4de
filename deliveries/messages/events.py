"""Events of a message that happen once: the key makes a repeat no second row (reference 6, Event log)."""

from typing import Any

from django.utils import timezone

from deliveries.messages import event_log
from deliveries.models import Action, Event, Message


def event_of(message: Message, action: Action, **columns: Any) -> Event:
    """Return the unsaved event of now, for those who record many at once; the message's delivery is loaded."""
    return Event(
        account_id=message.delivery.account_id,
        delivery_id=message.delivery_id,
        message_id=message.pk,
        at=timezone.now(),
        action=action,
        key=f"{action.value}:{message.pk}",
        **columns,
    )


def record_once(message: Message, action: Action, **columns: Any) -> bool:
    """Record an event in the caller's transaction; False where it was recorded before."""
    return bool(event_log.record([event_of(message, action, **columns)]))
