"""A delivery that can't go on: failed with a sentence for a person, or paused as the relay refuses us."""

from django.db import transaction
from django.utils import timezone

from deliveries import audit
from deliveries.models import Delivery, DeliveryStatus
from deliveries.models.states import before


def fail(delivery_id: int, sentence: str) -> bool:
    """Move a delivery that waits or goes out to failed, once; say whether this call did it."""
    with transaction.atomic():
        moved = Delivery.objects.filter(id=delivery_id, status__in=before(DeliveryStatus.FAILED)).update(
            status=DeliveryStatus.FAILED, note=sentence, ended_at=timezone.now()
        )
        if moved:
            _tell(delivery_id, audit.Verb.FAILED, sentence)
    return bool(moved)


def pause(delivery_id: int, sentence: str) -> bool:
    """Pause a delivery that the relay refuses, once; say whether this call did it."""
    with transaction.atomic():
        moved = Delivery.objects.filter(id=delivery_id, status__in=before(DeliveryStatus.PAUSED)).update(
            status=DeliveryStatus.PAUSED, note=sentence
        )
        if moved:
            _tell(delivery_id, audit.Verb.PAUSED, sentence)
    return bool(moved)


def _tell(delivery_id: int, verb: audit.Verb, reason: str) -> None:
    delivery = Delivery.objects.get(id=delivery_id)
    audit.record(delivery.account_id, None, verb, delivery, {"reason": reason})
