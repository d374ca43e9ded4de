"""From rows to what composing takes and back: one list of a message's fields for bundles, drafts and senders."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from deliveries import conf
from deliveries.charsets import canonical
from deliveries.content import Envelope, Part, Source
from deliveries.message_tracking import Measured, Measuring
from deliveries.models import Attachment, Content, Delivery, Label, Message, Newsletter
from recipients import tables

# What somebody writes of a message, under the names that it has in `Source` and in the row `Content`.
MESSAGE_FIELDS: Final = (
    "encoding", "from_name", "from_address", "reply_to", "html", "text", "html_links", "text_links",
    "html_views", "html_unescape", "text_unescape",
)  # fmt: skip
_KEPT: Final = (*MESSAGE_FIELDS, "language", "footer")
_NOBODYS_FIELD: Final = "-"  # consent is asked for and no field carries it: nobody gave it


def source_of(delivery: Delivery) -> Source:
    """Return the delivery's content as composing takes it; once it started, with the labels and title of then."""
    content = Content.objects.get(delivery=delivery)
    frozen = content.frozen_labels
    columns = tables.columns(delivery.database)
    kept = Attachment.objects.filter(delivery=delivery)
    return Source(
        **content_of(content),
        subject=delivery.subject,
        fields={column.name.lower(): column.type for column in columns},
        labels=labels_of(delivery) if frozen is None else frozen,
        link_categories=delivery.newsletter.link_categories,
        attachments=tuple(Part(a.name, a.content_type, bytes(a.content), a.cid) for a in kept),
        title=delivery.title if frozen is None else content.frozen_title,
        delivery_id=delivery.pk,
    )


def source_of_newsletter(newsletter: Newsletter) -> Source:
    """Return the message that a newsletter's defaults make, both parts of it whatever its format."""
    return Source(
        subject=newsletter.subject,
        from_name=newsletter.from_name,
        from_address=newsletter.from_address,
        reply_to=newsletter.reply_to,
        html=newsletter.html,
        text=newsletter.text,
        encoding=canonical(newsletter.encoding) or "utf-8",
        language=newsletter.account.language,
        fields={column.key: column.type for column in tables.columns(newsletter.database)},
        labels={},
        footer=newsletter.unsubscribe and newsletter.kind != "transactional",
        link_categories=newsletter.link_categories,
    )


def content_of(message: Source | Content) -> dict[str, Any]:
    """Return the fields of the row `Content` that keep a message as written."""
    return {name: getattr(message, name) for name in _KEPT}


def attachments_of(source: Source, delivery: Delivery) -> list[Attachment]:
    """Return the rows of a message's files, not stored yet."""
    return [
        Attachment(
            delivery=delivery, name=part.name, content_type=part.content_type, cid=part.cid, content=part.content,
            position=position,
        )
        for position, part in enumerate(source.attachments)
    ]  # fmt: skip


def web_source_of(delivery: Delivery) -> Source:
    """Return the content of its web version: without our unsubscribe line, which would lead nobody out."""
    return replace(source_of(delivery), footer=False)


def labels_of(delivery: Delivery) -> dict[str, str]:
    """Return its labels as they are now."""
    return dict(Label.objects.filter(delivery=delivery).values_list("name", "value"))


def tracking_at_start(delivery: Delivery) -> dict[str, str]:
    """Return how its content keeps the newsletter's tracking of now; transactional mail needs no consent."""
    newsletter = delivery.newsletter
    asked = newsletter.consent == "field" and not delivery.transactional
    return {
        "tracking": newsletter.tracking,
        "consent_field": (newsletter.consent_field.lower() or _NOBODYS_FIELD) if asked else "",
    }


def measuring_of(delivery: Delivery) -> Measuring:
    """Return how its messages are measured, as it was when it started; before that nothing is."""
    content = Content.objects.get(delivery=delivery)
    return Measuring(delivery.pk, content.tracking or "none", content.consent_field, public_url_of(delivery))


def web_page_measured(message: Message) -> Measured:
    """Return what the web version of a person's message carries: the links of the person whose message it is."""
    delivery = message.delivery
    measuring = measuring_of(delivery)
    values = tables.read_values(delivery.database, [message.recipient_id]) if measuring.consent_field else {}
    return measuring.page(message.pk, values.get(message.recipient_id, {}))


def public_url_of(delivery: Delivery) -> str:
    """Return the base of its public pages, without a slash at its end."""
    return (delivery.newsletter.public_url or conf.public_url()).rstrip("/")


def preview_envelope(to: str, delivery_id: int, date: datetime, public_url: str) -> Envelope:
    """Return the envelope of a message that goes to nobody: its links act on nobody, it has no pixel.

    Without a `public_url` the addresses of our own pages are empty.
    """
    return Envelope(
        to=to or "nobody@example.invalid",
        message_id="<preview@example.invalid>",
        date=date,
        delivery_id=delivery_id,
        unsubscribe_url=f"{public_url}/u/preview" if public_url else "",
        web_url=f"{public_url}/w/preview" if public_url else "",
        marketing=False,
    )
