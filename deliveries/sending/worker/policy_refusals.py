"""A relay that refuses us by policy is not asked a million times: counted by delivery, in this process."""

from collections import OrderedDict, deque
from typing import Final

from deliveries.refusals import Category
from deliveries.sending.ledger.records import Outcome
from deliveries.sending.smtp.replies import Reply
from recipients.faults import Fault

LEAST: Final = 50  # a share of fewer is chance
SHARE: Final = 0.2  # below it single providers may be at fault
_LAST: Final = 500  # ends: what was hours ago says nothing of now
_MOST_DELIVERIES: Final = 1_000  # counted at a time; the one whose last end is longest ago goes
_POLICY: Final = frozenset({Category.SPAM, Category.POLICY})  # not the address's fault


class PolicyRefusals:
    """The last 500 ends of each delivery: True where the relay refused by policy."""

    def __init__(self) -> None:
        self._ends: OrderedDict[int, deque[bool]] = OrderedDict()

    def count(self, delivery_id: int, result: Outcome) -> bool:
        """Count a delivered or bounced message; return whether a fifth of at least fifty is now refused by policy.

        Then the count starts anew: whoever resumes the delivery has another fifty.
        """
        if result.status not in {"delivered", "bounced"}:
            return False
        ends = self._ends.get(delivery_id)
        if ends is None:
            ends = self._ends[delivery_id] = deque(maxlen=_LAST)
        self._ends.move_to_end(delivery_id)
        refused = result.status == "bounced" and result.category in _POLICY
        ends.append(refused)
        if len(self._ends) > _MOST_DELIVERIES:
            self._ends.popitem(last=False)
        if not refused or len(ends) < LEAST or sum(ends) < SHARE * len(ends):
            return False
        del self._ends[delivery_id]
        return True


def sender_fault(reply: Reply) -> Fault:
    """Return why a delivery is paused whose sender the relay refuses."""
    return Fault.of("SENDER_REFUSED", code=reply.code, words=reply.text)


def policy_fault(result: Outcome) -> Fault:
    """Return why a delivery is paused of which too much is refused by policy."""
    return Fault.of("POLICY_REFUSED", code=result.code, words=result.reply)
