"""From a delivery's rows to what composing takes: one reading for the sender, the preview and the web version."""

from deliveries.content import Part, Source
from deliveries.models import Attachment, Content, Delivery, Label
from recipients import tables


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
        attachments=tuple(Part(a.name, a.content_type, bytes(a.content), a.cid) for a in kept),
        title=delivery.title if frozen is None else content.frozen_title,
        delivery_id=delivery.pk,
    )


def labels_of(delivery: Delivery) -> dict[str, str]:
    """Return its labels as they are now."""
    return dict(Label.objects.filter(delivery=delivery).values_list("name", "value"))
