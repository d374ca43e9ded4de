"""A mail as one person got it, written once more from the delivery's content and the values of their row."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from deliveries.composition import preview_envelope, public_url_of, source_of
from deliveries.content import Preview, compile_source
from deliveries.errors import ClientError
from deliveries.models import Content, Message
from deliveries.sending.ledger.ranges import Row
from deliveries.sending.worker.compose import mailing, write
from recipients import tables


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail with its links taken out of use, or why it can't be shown.

    `has_row` is whether their row is still there: without it the values are missing. `proved` is whether the bytes
    are those that were sent; None where nothing was kept to compare with.
    """

    preview: Preview | None
    problem: str
    has_row: bool
    proved: bool | None


def mail_of(message: Message) -> Mail:
    """Return a message as its person got it, or gets it."""
    delivery = message.delivery
    row = delivery.copies_of or message.recipient_id
    values = tables.read_values(delivery.database, [row]).get(row)
    at = message.composed_at or timezone.now()
    around = preview_envelope(message.recipient, delivery.pk, at, public_url_of(delivery))
    try:
        shown = compile_source(source_of(delivery)).preview(values or {}, around)
    except Content.DoesNotExist:
        return Mail(None, "", values is not None, None)
    except ClientError as error:
        return Mail(None, error.message, values is not None, None)
    return Mail(shown, "", values is not None, None if values is None else _proved(message, values))


def _proved(message: Message, values: Mapping[str, object]) -> bool | None:
    """Write it as the sender does and compare with the digest of what was sent; a copy's id is its own."""
    if message.body_digest is None or message.composed_at is None or message.delivery.copies_of is not None:
        return None
    sent = bytes(message.body_digest)
    row = Row(message.pk, message.recipient_id, message.address, message.attempt, message.composed_at, sent)
    try:
        return not write(mailing(message.delivery), row, values, message.composed_at).changed
    except ClientError:
        return False
