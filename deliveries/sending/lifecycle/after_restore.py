"""After a back-up was restored: whatever was not final then may have gone out since (reference, Commands)."""

from django.db import transaction
from django.utils import timezone

from deliveries import audit
from deliveries.models import Activity, Delivery, DeliveryStatus, Message, MessageStatus, SendingRange
from deliveries.models.moves import move
from deliveries.models.states import OPEN_MESSAGES
from recipients.faults import Fault

_GOING = (DeliveryStatus.SENDING, DeliveryStatus.PAUSED)


def after_restore() -> tuple[int, int]:
    """Put every open message in doubt and pause what was going out; return (deliveries, messages).

    Scheduled ones whose time has passed may have started since: they go back to ready, for an operator to look at.
    """
    with transaction.atomic():
        going = list(Delivery.objects.select_for_update().filter(status__in=_GOING))
        due = Delivery.objects.filter(status=DeliveryStatus.SCHEDULED, start_at__lte=timezone.now())
        waiting = list(due.select_for_update())
        messages = Message.objects.filter(delivery__in=going, status__in=OPEN_MESSAGES).update(
            status=MessageStatus.IN_DOUBT,
            outcome_at=timezone.now(),
            not_before=None,
            reply="the database was restored from a back-up: it may have gone out since",
        )
        SendingRange.objects.filter(delivery__in=going).delete()
        ids = [delivery.pk for delivery in going]
        move(Delivery.objects.filter(id__in=ids), DeliveryStatus.PAUSED)
        Delivery.objects.filter(id__in=ids).update(fault=Fault.of("delivery.restored_going").as_json())
        move(
            Delivery.objects.filter(id__in=[delivery.pk for delivery in waiting]),
            DeliveryStatus.READY,
            start_at=None,
            fault=Fault.of("delivery.restored_waiting").as_json(),
        )
        Activity.objects.bulk_create(
            audit.entry_of(delivery.account_id, None, audit.Verb.RESTORED, delivery)
            for delivery in [*going, *waiting]
        )
    return len(going) + len(waiting), messages
