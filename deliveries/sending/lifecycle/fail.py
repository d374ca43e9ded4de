"""A delivery that can't go on: failed with a sentence for a person, or paused as the relay refuses us."""

from django.db import transaction
from django.utils import timezone

from deliveries.models import Activity, Delivery, DeliveryStatus
from deliveries.models.states import before


def fail(delivery_id: int, sentence: str) -> bool:
    """Move a delivery that waits or goes out to failed, once; say whether this call did it."""
    with transaction.atomic():
        moved = Delivery.objects.filter(id=delivery_id, status__in=before(DeliveryStatus.FAILED)).update(
            status=DeliveryStatus.FAILED, note=sentence, ended_at=timezone.now()
        )
        if moved:
            _tell(delivery_id, "failed", sentence)
    return bool(moved)


def pause(delivery_id: int, sentence: str) -> bool:
    """Pause a delivery that the relay refuses, once; say whether this call did it."""
    with transaction.atomic():
        moved = Delivery.objects.filter(id=delivery_id, status__in=before(DeliveryStatus.PAUSED)).update(
            status=DeliveryStatus.PAUSED, note=sentence
        )
        if moved:
            _tell(delivery_id, "paused", sentence)
    return bool(moved)


def _tell(delivery_id: int, verb: str, detail: str) -> None:
    account = Delivery.objects.values_list("account_id", flat=True).get(id=delivery_id)
    Activity.objects.create(account_id=account, delivery_id=delivery_id, verb=verb, detail=detail)
