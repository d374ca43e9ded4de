"""What an operator may do with a delivery: one conditional UPDATE each; who comes second reads who was first."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.audit import Verb
from deliveries.errors import ClientError, StateConflict
from deliveries.local_time import moment
from deliveries.messages import moves
from deliveries.models import Activity, Content, Delivery, DeliveryStatus, Message, MessageStatus, SendingRange
from deliveries.models.moves import move
from deliveries.models.states import DELETABLE
from deliveries.queue import START_DELIVERY, enqueue
from deliveries.sending.ledger import completion, ranges
from deliveries.sending.lifecycle import seeds
from recipients.models import User

NO_GRACE: Final = timedelta(0)
_S: Final = DeliveryStatus
_SCHEDULABLE: Final = Q(status__in=[_S.READY, _S.SCHEDULED])
# Verbs of which it can be said that somebody "started it"; the others are said as in the list of acts.
_ACTS: Final = frozenset({Verb.STARTED, Verb.SCHEDULED, Verb.PAUSED, Verb.RESUMED, Verb.STOPPED})
_SETTLED: Final = {"sent": Verb.DOUBT_SENT, "resend": Verb.DOUBT_RESENT}


def start(delivery_id: int, *, actor: User | None = None, grace: timedelta = NO_GRACE) -> None:
    """Send now what is ready, or scheduled for later: due at once, and its start queued. Raises StateConflict.

    With a `grace` it is scheduled for so much later, in which whoever sent it may take it back.
    """
    with transaction.atomic():
        now = timezone.now()
        startable = Q(status=_S.READY) | Q(status=_S.SCHEDULED, start_at__gt=now)
        queued = None if grace else now
        _move(
            delivery_id, startable, _S.SCHEDULED, Verb.STARTED, actor, start_at=now + grace, start_queued_at=queued
        )
        if not grace:
            enqueue(START_DELIVERY, delivery_id)


def schedule(delivery_id: int, when: str | datetime, *, actor: User | None = None) -> datetime:
    """Let it go out at `when`, ISO text is meant in the account's zone. Raises ClientError, StateConflict."""
    delivery = _existing(delivery_id)
    zone = delivery.account.zone
    at = moment(when, zone) if isinstance(when, str) else when
    if at <= timezone.now():  # nobody means "now" by a mistyped year: that would send to everybody at once
        raise ClientError("SCHEDULE_PAST", at=f"{at.astimezone(zone):%Y-%m-%d %H:%M}")
    with transaction.atomic():
        _move(delivery_id, _SCHEDULABLE, _S.SCHEDULED, Verb.SCHEDULED, actor, start_at=at, start_queued_at=None)
    return at


def unschedule(delivery_id: int, *, actor: User | None = None) -> None:
    """Take it back to ready. Raises StateConflict."""
    with transaction.atomic():
        none = {"start_at": None, "start_queued_at": None}
        _move(delivery_id, Q(status=_S.SCHEDULED), _S.READY, Verb.UNSCHEDULED, actor, **none)


def retry(delivery_id: int, *, actor: User | None = None) -> None:
    """Take a failed delivery back to ready, its frozen audience forgotten as nothing of it was tried."""
    with transaction.atomic():
        whole = Q(status=_S.FAILED, copies_of=None)  # of copies nobody would be left but everybody
        _move(delivery_id, whole, _S.READY, Verb.TAKEN_BACK, actor, fault=None, start_at=None, size=None)
        if Message.objects.filter(delivery=delivery_id, attempt__gt=0).exists():
            raise StateConflict("TRIED")
        Content.objects.filter(delivery=delivery_id).update(frozen_labels=None, frozen_title="")
        SendingRange.objects.filter(delivery=delivery_id).delete()
        Message.objects.filter(delivery=delivery_id).delete()


def pause(delivery_id: int, *, actor: User | None = None) -> None:
    """Let no further message out from within 5 s on. Raises StateConflict."""
    with transaction.atomic():
        _move(delivery_id, Q(), _S.PAUSED, Verb.PAUSED, actor)
        seeds.pause(delivery_id)


def resume(delivery_id: int, *, actor: User | None = None) -> None:
    """Let it go on. Raises StateConflict."""
    with transaction.atomic():
        _move(delivery_id, Q(status=_S.PAUSED), _S.SENDING, Verb.RESUMED, actor, fault=None)
        seeds.resume(delivery_id)
    completion.finish(delivery_id)


def stop(delivery_id: int, *, actor: User | None = None) -> None:
    """End it for good: what was not sent is cancelled, what is on its way ends as it ends. Raises StateConflict."""
    with transaction.atomic():
        _move(delivery_id, Q(), _S.STOPPED, Verb.STOPPED, actor, ended_at=timezone.now())
        moves.cancel_waiting(delivery_id)
        seeds.stop(delivery_id)


def delete(delivery_id: int, *, actor: User | None = None) -> None:
    """Delete what has not gone out. Raises StateConflict."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(id=delivery_id).first()
        tried = Message.objects.filter(delivery=delivery_id, attempt__gt=0).exists()
        if delivery is None or delivery.status not in DELETABLE:
            raise _conflict(delivery_id)
        if tried:
            raise StateConflict("TRIED.kept")
        audit.record(delivery.account_id, actor, Verb.DELETED, delivery)
        delivery.delete()


def resolve(delivery_id: int, how: str, *, actor: User | None = None) -> int:
    """Settle the messages in doubt: `sent` believes they arrived, `resend` sends them again. Return how many."""
    if how not in _SETTLED:
        raise StateConflict("RESOLVE")
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(id=delivery_id).first()
        if delivery is None:
            raise _conflict(delivery_id)
        doubtful = Message.objects.filter(delivery=delivery_id, status=MessageStatus.IN_DOUBT)
        ids = list(doubtful.order_by("id").select_for_update().values_list("id", flat=True))
        if ids:
            _resolve(delivery, ids, how)
            audit.record(delivery.account_id, actor, _SETTLED[how], delivery, {"n": len(ids)})
    completion.finish(delivery_id)
    return len(ids)


def _resolve(delivery: Delivery, ids: list[int], how: str) -> None:
    chosen = Message.objects.filter(id__in=ids)
    if how == "sent":
        moves.prove_sent(ids)
        return
    if delivery.status not in {_S.SENDING, _S.PAUSED, _S.SENT}:
        raise _conflict(delivery.pk)
    move(chosen, MessageStatus.PENDING, not_before=None, doubted=True)
    ranges.cover(delivery, ids)
    move(Delivery.objects.filter(id=delivery.pk, status=_S.SENT), _S.SENDING, ended_at=None)


def _move(
    delivery_id: int, allowed: Q, target: DeliveryStatus, verb: Verb, actor: User | None, **values: object
) -> None:
    """Move it where `allowed` holds, and record who did it. Raises StateConflict."""
    if target == _S.SCHEDULED:
        values["start_attempts"] = 0
    rows = Delivery.objects.filter(allowed, id=delivery_id)
    if not move(rows, target, version=F("version") + 1, **values):
        raise _conflict(delivery_id)
    delivery = Delivery.objects.get(id=delivery_id)
    audit.record(delivery.account_id, actor, verb, delivery)


def _existing(delivery_id: int) -> Delivery:
    delivery = Delivery.objects.select_related("account").filter(id=delivery_id).first()
    if delivery is None:
        raise _conflict(delivery_id)
    return delivery


def _conflict(delivery_id: int) -> StateConflict:
    """Return in what state it is, and who did what to it last."""
    delivery = Delivery.objects.filter(id=delivery_id).first()
    if delivery is None:
        return StateConflict("NO_DELIVERY", id=delivery_id)
    it = {"id": delivery_id, "state": delivery.get_status_display()}
    last = Activity.objects.filter(delivery=delivery_id).select_related("actor").first()
    if last is None:
        return StateConflict("STATE", **it)
    who = last.actor.called if last.actor else "XML Delivery"
    seconds = int((timezone.now() - last.at).total_seconds())
    ago = _("%s s") % seconds if seconds < 60 else timesince(last.at)  # noqa: PLR2004  seconds of a minute
    key = "STATE.act" if last.verb in _ACTS else "STATE.last"
    return StateConflict(key, **it, who=who, verb=audit.label_of(last.verb), ago=ago)
