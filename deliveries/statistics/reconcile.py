"""Checks figures: the sums of reference 6, the events, and that no message was left behind."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from deliveries import conf
from deliveries.models import Delivery, DeliveryStatus, Message, MessageStatus, SendingRange
from deliveries.models.states import OPEN_MESSAGES
from deliveries.statistics import mend as mending
from deliveries.statistics.figures import figures, imbalance
from deliveries.statistics.log import event_rows
from deliveries.statistics.recompute import from_events

# Looks at a delivery's raw hits: how many events are missing or of another origin; with `mend` they are put right.
Reclassify = Callable[..., int]


def reconcile(reclassify: Reclassify, *, mend: bool = False) -> dict[str, Any]:
    """Return {"clean", "deliveries", "differences"}; each difference names its delivery and says what differs.

    With `mend` the events and counters of a delivery that differs are made anew, and what still differs is told.
    """
    ids = list(Delivery.objects.order_by("id").values_list("id", flat=True))
    differences = []
    for delivery_id in ids:
        found = _all_differences(delivery_id, reclassify)
        # Without its events the log tells less than the counters, and nothing is mended by it.
        if found and mend and delivery_has_its_events(delivery_id):
            reclassify(delivery_id, mend=True)
            mending.mend(delivery_id)
            found = _all_differences(delivery_id, reclassify)
        differences += [{"delivery": delivery_id, "difference": text} for text in found]
    return {"clean": not differences, "deliveries": len(ids), "differences": differences}


def delivery_has_its_events(delivery_id: int) -> bool:
    """Return whether all events of a delivery are still kept: it started within their retention."""
    oldest = timezone.now() - conf.keep_events()
    return not Delivery.objects.filter(pk=delivery_id, started_at__lt=oldest).exists()


def _all_differences(delivery_id: int, reclassify: Reclassify) -> list[str]:
    found = list(_differences(delivery_id))
    if delivery_has_its_events(delivery_id) and (wrong := reclassify(delivery_id)):
        found.append(f"{wrong} events are missing or not what their hits say")
    return found


def _differences(delivery_id: int) -> Iterator[str]:
    """Look at one delivery within one snapshot, so that a sender at work makes no false alarm."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        delivery = Delivery.objects.filter(pk=delivery_id).first()
        if delivery is None:  # deleted since it was listed
            return
        found = figures([delivery_id])[delivery_id]
        if missed := imbalance(found):
            yield f"the outcomes miss the size by {missed}"
        if delivery.size is not None and delivery.size != found["size"]:
            yield f"size is {delivery.size}, messages are {found['size']}"
        if not delivery_has_its_events(delivery_id):
            return
        again = from_events(event_rows(Delivery.objects.filter(pk=delivery_id).select_related("database")))
        for name, value in found.items():
            if value is not None and again[name] != value:
                yield f"{name} is {value}, the event log says {again[name]}"
        yield from _left_behind(delivery)


def _left_behind(delivery: Delivery) -> Iterator[str]:
    mine = Message.objects.filter(delivery=delivery)
    if delivery.status in {DeliveryStatus.SENT, DeliveryStatus.STOPPED}:
        left = mine.filter(status__in=OPEN_MESSAGES).count()
        if left:
            yield f"{delivery.status}, yet {left} messages are still open"
    if delivery.status == DeliveryStatus.SENDING:
        covering = SendingRange.objects.filter(
            delivery=delivery, first_id__lte=OuterRef("pk"), last_id__gte=OuterRef("pk")
        )
        waiting = mine.filter(status__in=[MessageStatus.PENDING, MessageStatus.DEFERRED])
        if uncovered := waiting.exclude(Exists(covering)).count():
            yield f"{uncovered} messages wait in no range: no sender will find them"
