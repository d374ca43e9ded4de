"""A complaint by a mailbox provider's feedback loop (RFC 5965): the address is written to no more (reference 7)."""

from typing import Final

from django.db import transaction

from deliveries.messages import events, moves
from deliveries.models import Action, Message
from recipients import suppressions
from recipients.models import Reason

REASON: Final = Reason.FEEDBACK_LOOP


def complain(message: Message) -> bool:
    """Record a complaint once, and put the address on the account's list for good; False for a repeat."""
    account, address = message.delivery.account, message.address.lower()
    with transaction.atomic():
        moves.prove_sent([message.pk])
        if not events.record_once(message, Action.FEEDBACK_LOOP):
            return False
        if not message.is_erased and suppressions.suppress(account, address, REASON, delivery=message.delivery_id):
            events.record_once(message, Action.ENTERED_PERMANENT, reference=str(int(REASON)))
    return True
