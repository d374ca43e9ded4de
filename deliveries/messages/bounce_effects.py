"""What a bounce does, at SMTP time or later: the message, the address's ladder, the events (reference 7, 7.1)."""

from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from deliveries import conf
from deliveries.messages import event_log, moves
from deliveries.messages import events as message_events
from deliveries.messages.moves import Refused
from deliveries.models import Action, Event, Message
from recipients import suppressions

# Behind a relay every message is "delivered" seconds before its DSN comes: only time tells. Deliveries of the last
# 40 days bound the look; an older one has cleared its entries on a day before.
_SETTLED: Final = """
    DELETE FROM recipients_blacklistentry AS b USING deliveries_message AS m, deliveries_delivery AS d
    WHERE NOT b.permanent AND b.count > 0 AND b.address IS NOT NULL
      AND d.account_id = b.account_id AND d.started_at > clock_timestamp() - interval '40 days'
      AND m.delivery_id = d.id AND m.status = 'delivered' AND lower(m.address) = b.address
      AND m.outcome_at > b.updated_at AND m.outcome_at < clock_timestamp() - %s * interval '1 second'
"""


def bounce(message: Message, refused: Refused) -> bool:
    """Take a message that had gone out for bounced, with all that follows; False where it had bounced already."""
    with transaction.atomic():
        if not moves.bounce(message.pk, refused):
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


def clear_settled() -> int:
    """End the row of bounces of each address that took a message since and sent none back for five days."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [conf.bounces_come_within().total_seconds()])
        return int(cursor.rowcount)
