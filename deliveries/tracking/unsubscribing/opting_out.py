"""What an unsubscription does, and its taking back, in one transaction and once (reference 7)."""

import enum
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from deliveries.messages import events, moves
from deliveries.models import Action, Message, Origin, Subscription
from deliveries.subscriptions import set_subscription
from recipients import suppressions
from recipients.models import Reason


class Way(enum.Enum):
    """How somebody opted out."""

    PAGE = "page"
    ALL_MAIL = "all"
    ONE_CLICK = "one-click"
    BY_MAIL = "mailto"


REASONS: Final[Mapping[Way, Reason]] = {
    Way.ALL_MAIL: Reason.UNSUBSCRIBED,
    Way.ONE_CLICK: Reason.LIST_UNSUBSCRIBE,
    Way.BY_MAIL: Reason.LIST_UNSUBSCRIBE,
}
ACTIONS: Final[Mapping[Way, Action]] = {
    Way.PAGE: Action.OPT_OUT,
    Way.ALL_MAIL: Action.OPT_OUT,
    Way.ONE_CLICK: Action.LIST_UNSUBSCRIBE,
    Way.BY_MAIL: Action.LIST_UNSUBSCRIBE,
}


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

    def columns(self) -> dict[str, Any]:
        """Return what an event keeps of it."""
        agent = self.user_agent.replace("\x00", "")[:500]
        return {"origin": Origin.PERSON, "ip": self.known_ip, "user_agent": agent}


NOBODY_KNOWN: Final = Visitor(None, "")


def opt_out(message: Message, way: Way, visitor: Visitor) -> bool:
    """Unsubscribe the message's address from its newsletter, or from the account; False for a repeat.

    It needs no row of the recipient: the address is in the message. An erased person is written to no more.
    """
    with transaction.atomic():
        moves.prove_sent([message.pk])
        if message.is_erased:
            return False
        changed = _set(message, -1, way.value)
        changed = events.record_once(message, ACTIONS[way], **visitor.columns()) or changed
        if way in REASONS and _suppressed(message, REASONS[way]):
            reference = str(int(REASONS[way]))
            events.record_once(message, Action.ENTERED_PERMANENT, reference=reference, **visitor.columns())
            return True
    return changed


def opt_in(message: Message, visitor: Visitor) -> bool:
    """Take an unsubscription back, the company-wide one too; False where there is none.

    Entries of other reasons stay: who complained, or has no mailbox, is not written to for pressing a button.
    """
    if message.is_erased:
        return False
    account, key = message.delivery.account, message.address.lower()
    with transaction.atomic():
        lifted = suppressions.lift(account, key, suppressions.UNSUBSCRIPTIONS)
        changed = _set(message, 1, "page") or lifted
        if changed:
            events.record_once(message, Action.OPT_IN, **visitor.columns())
    return changed


@dataclass(frozen=True, slots=True)
class Standing:
    """How an address stands: `from_all` mail of the company; `can_return` where a button may undo all of it."""

    unsubscribed: bool
    from_all: bool
    can_return: bool


def standing_of(message: Message) -> Standing:
    """Return how the message's address stands now; an erased person is unsubscribed for good."""
    if message.is_erased:
        return Standing(unsubscribed=True, from_all=True, can_return=False)
    key = message.address.lower()
    left = Subscription.objects.filter(
        newsletter_id=message.delivery.newsletter_id, fingerprint=suppressions.fingerprint(key), state=-1
    ).exists()
    entry = suppressions.state_of(message.delivery.account, key)
    listed = entry.name == "permanent"
    by_choice = entry.reason in suppressions.UNSUBSCRIPTIONS
    return Standing(left or (listed and by_choice), listed and by_choice, not listed or by_choice)


def _set(message: Message, state: int, source: str) -> bool:
    return set_subscription(message.delivery.newsletter_id, message.address.lower(), state, source)


def _suppressed(message: Message, reason: Reason) -> bool:
    """Put the address on the account's list; return whether it was not on it for good already."""
    account, key = message.delivery.account, message.address.lower()
    before = suppressions.state_of(account, key)
    suppressions.suppress(account, key, reason, delivery=message.delivery_id)
    return before.name != "permanent"
