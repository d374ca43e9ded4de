"""A relay that refuses us by policy is not asked a million times: counted by delivery, in this process."""

from collections import OrderedDict, deque
from typing import Final

from deliveries.sending.ledger.records import Outcome
from deliveries.sending.smtp.replies import Reply

LEAST: Final = 50
SHARE: Final = 0.2
_LAST: Final = 500
_MOST_DELIVERIES: Final = 1_000
_POLICY: Final = frozenset({6, 7})  # spam or reputation, policy: no fault of the address


class PolicyRefusals:
    """The last 500 ends of each delivery: True where the relay refused by policy."""

    def __init__(self) -> None:
        self._ends: OrderedDict[int, deque[bool]] = OrderedDict()

    def count(self, delivery_id: int, result: Outcome) -> bool:
        """Count a delivered or bounced message; say whether a fifth of at least fifty is now refused by policy.

        Then the count starts anew: whoever resumes the delivery has another fifty.
        """
        if result.status not in {"delivered", "bounced"}:
            return False
        ends = self._ends.setdefault(delivery_id, deque(maxlen=_LAST))
        self._ends.move_to_end(delivery_id)
        refused = result.status == "bounced" and result.category in _POLICY
        ends.append(refused)
        if len(self._ends) > _MOST_DELIVERIES:
            self._ends.popitem(last=False)
        if not refused or len(ends) < LEAST or sum(ends) < SHARE * len(ends):
            return False
        del self._ends[delivery_id]
        return True


def sender_sentence(reply: Reply) -> str:
    """Say why a delivery is paused whose sender the relay refuses."""
    return (
        f"SENDER_REFUSED: the relay refused the sender three times in a row ({reply.code} {reply.text});"
        " have the relay accept this sender, then resume."
    )


def policy_sentence(result: Outcome) -> str:
    """Say why a delivery is paused of which too much is refused by policy."""
    return (
        "POLICY_REFUSED: the relay refuses a fifth of the messages or more by policy"
        f" ({result.code} {result.reply}); find out why (authentication, reputation, content), then resume."
    )
