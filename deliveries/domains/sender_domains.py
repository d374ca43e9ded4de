"""From which domains an account may send, at a bundle's check and at a delivery's start alike (reference 2.5)."""

from recipients.domains import ownership
from recipients.models import Account


def sender_domains(account: Account) -> frozenset[str]:
    """Return the domains in A-labels that are proved or vouched for."""
    return ownership.owned(account)
