"""From which domains an account may send, at a bundle's check and at a delivery's start alike (reference 2.5)."""

from deliveries.content.mime.mailboxes import domain_of
from deliveries.models import Newsletter
from recipients.models import Account


def sender_domains(account: Account) -> frozenset[str]:
    """Return the domains in A-labels: the account's own list, else those of its newsletters' senders."""
    written = list(account.domains)
    if not written:
        senders = Newsletter.objects.filter(account=account).values_list("from_address", flat=True)
        written = [sender.rpartition("@")[2] for sender in senders]
    return frozenset(domain for each in written if (domain := domain_of(each)))
