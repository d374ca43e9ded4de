"""What an unsubscription does, in one transaction and once (reference 7)."""

import enum
import ipaddress
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from deliveries import event_log
from deliveries.models import Action, Event, Message, Origin, Subscription
from recipients import suppressions
from recipients.models import Reason


class Way(enum.Enum):
    """How somebody opted out."""

    PAGE = "page"
    ALL_MAIL = "all"
    ONE_CLICK = "one-click"


REASONS = {Way.ALL_MAIL: Reason.UNSUBSCRIBED, Way.ONE_CLICK: Reason.LIST_UNSUBSCRIBE}
ACTIONS = {Way.PAGE: Action.OPT_OUT, Way.ALL_MAIL: Action.OPT_OUT, Way.ONE_CLICK: Action.LIST_UNSUBSCRIBE}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asked, as the web server saw it; the address is empty or malformed behind some sockets."""

    ip: str | None
    user_agent: str

    @property
    def known_ip(self) -> str | None:
        """Return the address when it is one."""
        try:
            return str(ipaddress.ip_address(self.ip or ""))
        except ValueError:
            return None


def opt_out(message: Message, way: Way, visitor: Visitor) -> None:
    """Unsubscribe the message's address from its newsletter, or from the account; a repeat changes nothing."""
    delivery = message.delivery
    with transaction.atomic():
        _unsubscribe(message, way)
        kinds = [ACTIONS[way]]
        if way in REASONS and _suppressed(message, REASONS[way]):
            kinds.append(Action.ENTERED_PERMANENT)
        now = timezone.now()
        event_log.record(
            [
                Event(
                    account_id=delivery.account_id,
                    delivery=delivery,
                    message=message,
                    at=now,
                    action=kind,
                    origin=Origin.PERSON,
                    reference=str(REASONS[way].value) if kind == Action.ENTERED_PERMANENT else "",
                    ip=visitor.known_ip,
                    user_agent=visitor.user_agent.replace("\x00", "")[:500],
                    key=f"{kind.value}:{message.pk}",
                )
                for kind in kinds
            ]
        )


def _unsubscribe(message: Message, way: Way) -> None:
    """Set the subscription of the address to -1; it belongs to the address, never to a row."""
    key = message.address.lower()
    Subscription.objects.update_or_create(
        newsletter_id=message.delivery.newsletter_id,
        fingerprint=suppressions.fingerprint(key),
        defaults={"address": key, "state": -1, "source": way.value},
    )


def _suppressed(message: Message, reason: Reason) -> bool:
    """Put the address on the account's list; says whether it was not on it for good already."""
    account, key = message.delivery.account, message.address.lower()
    before = suppressions.state_of(account, key)
    suppressions.suppress(account, key, reason)
    return before.name != "permanent"
