"""From a delivery's rows to what composing takes: one reading for the sender, the preview and the web version."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from deliveries import conf
from deliveries.content import Envelope, Part, Source
from deliveries.message_tracking import Measured, Measuring
from deliveries.models import Attachment, Content, Delivery, Label, Message
from recipients import tables

_NOBODYS_FIELD: Final = "-"  # consent is asked for and no field carries it: nobody gave it


def source_of(delivery: Delivery) -> Source:
    """Return the delivery's content as composing takes it; once it started, with the labels and title of then."""
    content = Content.objects.get(delivery=delivery)
    frozen = content.frozen_labels
    columns = tables.columns(delivery.database)
    kept = Attachment.objects.filter(delivery=delivery)
    return Source(
        subject=delivery.subject,
        from_name=content.from_name,
        from_address=content.from_address,
        reply_to=content.reply_to,
        html=content.html,
        text=content.text,
        encoding=content.encoding,
        language=content.language,
        fields={column.name.lower(): column.type for column in columns},
        labels=labels_of(delivery) if frozen is None else frozen,
        html_links=content.html_links,
        text_links=content.text_links,
        html_views=content.html_views,
        html_unescape=content.html_unescape,
        text_unescape=content.text_unescape,
        footer=content.footer,
        link_categories=delivery.newsletter.link_categories,
        attachments=tuple(Part(a.name, a.content_type, bytes(a.content), a.cid) for a in kept),
        title=delivery.title if frozen is None else content.frozen_title,
        delivery_id=delivery.pk,
    )


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
    """Return what stands around a message that goes to nobody: its links act on nobody, it has no pixel.

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
