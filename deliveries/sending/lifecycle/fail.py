"""A delivery that can't go on: failed with what a person reads of it, or paused as the relay refuses us."""

from django.db import transaction
from django.utils import timezone

from deliveries import audit
from deliveries.models import Delivery, DeliveryStatus
from deliveries.models.moves import move
from deliveries.sending.lifecycle import seeds
from recipients.faults import Fault


def fail(delivery_id: int, why: Fault) -> bool:
    """Move a delivery that waits or goes out to failed, once; return whether this call did it."""
    with transaction.atomic():
        moved = move(
            Delivery.objects.filter(id=delivery_id),
            DeliveryStatus.FAILED,
            fault=why.as_json(),
            ended_at=timezone.now(),
        )
        if moved:
            seeds.stop(delivery_id)
            _tell(delivery_id, audit.Verb.FAILED, why)
    return bool(moved)


def pause(delivery_id: int, why: Fault) -> bool:
    """Pause a delivery that the relay refuses, once; return whether this call did it."""
    with transaction.atomic():
        moved = move(Delivery.objects.filter(id=delivery_id), DeliveryStatus.PAUSED, fault=why.as_json())
        if moved:
            seeds.pause(delivery_id)
            _tell(delivery_id, audit.Verb.PAUSED, why)
    return bool(moved)


def _tell(delivery_id: int, verb: audit.Verb, why: Fault) -> None:
    delivery = Delivery.objects.get(id=delivery_id)
    audit.record(delivery.account_id, None, verb, delivery, {"reason": why.as_json()})
