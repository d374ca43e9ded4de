"""What an address said of a newsletter: written in one place, whoever says it (reference 7)."""

from django.utils import timezone

from deliveries.models import Subscription
from recipients import suppressions


def set_subscription(newsletter_id: int, key: str, state: int, source: str) -> bool:
    """Set what a normalised address said; it is the address's, never a row's. False where it was so already."""
    row, made = Subscription.objects.get_or_create(
        newsletter_id=newsletter_id,
        fingerprint=suppressions.fingerprint(key),
        defaults={"address": key, "state": state, "source": source},
    )
    return made or bool(
        Subscription.objects.filter(pk=row.pk)
        .exclude(state=state)
        .update(state=state, source=source, changed_at=timezone.now())
    )
