"""The rows of copies: the messages to those who watch, and the files that a delivery takes from another."""

from collections.abc import Iterable

from django.utils import timezone

from deliveries.models import Attachment, Delivery, Message, SendingRange


def write_messages(copies: Delivery, to: Iterable[str]) -> None:
    """Write a message an address: rows of their own, whatever database the person is in."""
    made = [Message(delivery=copies, recipient_id=-number, address=address) for number, address in enumerate(to, 1)]
    ids = sorted(message.pk for message in Message.objects.bulk_create(made))
    SendingRange.objects.create(delivery=copies, first_id=ids[0], last_id=ids[-1], due_at=timezone.now())


def copy_attachments(source: Delivery, delivery_id: int) -> None:
    """Give a delivery the files of another."""
    Attachment.objects.bulk_create(
        Attachment(
            delivery_id=delivery_id, name=one.name, content_type=one.content_type, cid=one.cid, content=one.content,
            position=one.position,
        )
        for one in source.attachments.all()
    )  # fmt: skip
