"""Copies of a real delivery for its newsletter's seed addresses (reference 8).

They are a delivery of the type test beside it, begun in the transaction of its start: so they exist exactly when it
has started, go out by the same senders, and whatever becomes of them is not part of its figures.
"""

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.messages import moves
from deliveries.models import Content, Delivery, DeliveryStatus, Message, MessageStatus, SendingRange
from deliveries.models.moves import move
from deliveries.sending.lifecycle.copy_rows import copy_attachments, write_messages


def begin(original: Delivery) -> Delivery | None:
    """Begin the copies of a delivery whose audience is frozen, in the transaction of its start.

    They carry its first recipient's values. None where nobody is to get one.
    """
    to = _still_without(original) if original.type == "normal" else []
    person = _first_recipient(original) if to else None
    if person is None:
        return None
    copies = Delivery.objects.create(
        account_id=original.account_id, newsletter=original.newsletter, database=original.database,
        title=(_("%s (seed copies)") % original.title)[:500], subject=original.subject, type="test",
        transactional=original.transactional, publish_on_web=original.publish_on_web, seeds_of=original,
        copies_of=person, size=len(to), status=DeliveryStatus.SENDING, started_at=original.started_at,
    )  # fmt: skip
    content = Content.objects.get(delivery=original)  # with the labels, title and tracking of the start
    content.delivery = copies
    content.save(force_insert=True)
    copy_attachments(original, copies.pk)
    write_messages(copies, to)
    audit.record(original.account_id, None, audit.Verb.CREATED, copies, {"from": original.pk})
    return copies


def _still_without(original: Delivery) -> list[str]:
    """Return the seed addresses, each once; a start that failed and was tried again writes to nobody twice."""
    had = Message.objects.filter(delivery__seeds_of=original, attempt__gt=0).values_list("address", flat=True)
    known = {address.lower() for address in had}
    wanted = {address.lower(): address for address in original.newsletter.seeds}
    return [address for key, address in wanted.items() if key not in known]


def _first_recipient(original: Delivery) -> int | None:
    """Return the row of the first person who is written to."""
    since = SendingRange.objects.filter(delivery=original).aggregate(first=Min("first_id"))["first"]
    if since is None:
        return None
    waiting = Message.objects.filter(delivery=original, status=MessageStatus.PENDING, id__gte=since)
    return waiting.order_by("id").values_list("recipient_id", flat=True).first()


def pause(original_id: int) -> None:
    """Let no further copy out while the delivery itself is paused."""
    move(Delivery.objects.filter(seeds_of=original_id), DeliveryStatus.PAUSED)


def resume(original_id: int) -> None:
    """Let the copies go on with the delivery; the sweeper ends those of which nothing is open."""
    paused = Delivery.objects.filter(seeds_of=original_id, status=DeliveryStatus.PAUSED)
    move(paused, DeliveryStatus.SENDING, fault=None)


def stop(original_id: int) -> None:
    """End the copies for good: those that did not go out are cancelled."""
    for copies in Delivery.objects.filter(seeds_of=original_id):
        rows = Delivery.objects.filter(id=copies.pk)
        if move(rows, DeliveryStatus.STOPPED, ended_at=timezone.now()):
            moves.cancel_waiting(copies.pk)
