"""Deliveries begun by hand: the rows of a bundle's, filled by newsletter or another delivery (reference 5.4)."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.audit import Verb
from deliveries.composition import content_of, source_of_newsletter
from deliveries.errors import StateConflict
from deliveries.models import Attachment, Content, Delivery, DeliveryStatus, Label, Newsletter
from deliveries.sending.lifecycle.copy_rows import copy_attachments
from deliveries.sending.lifecycle.editing import WRITTEN, edit, stale
from deliveries.sending.lifecycle.link_categories import chosen_categories
from recipients.models import User


def create_draft(newsletter: Newsletter, *, actor: User | None = None) -> Delivery:
    """Begin a delivery with every default of its newsletter, as a bundle that says nothing else would."""
    transactional = newsletter.kind == "transactional"
    with transaction.atomic():
        delivery = Delivery.objects.create(
            account=newsletter.account,
            newsletter=newsletter,
            database=newsletter.database,
            title=newsletter.subject or newsletter.name,
            subject=newsletter.subject,
            remove_duplicates=True,  # each load of a list adds its rows: "all users" holds a person once a load
            transactional=transactional,
            created_by=actor,
        )
        Content.objects.create(delivery=delivery, **_defaults(newsletter))
        audit.record(newsletter.account_id, actor, Verb.CREATED, delivery)
    return delivery


def _defaults(newsletter: Newsletter) -> dict[str, Any]:
    kept = content_of(source_of_newsletter(newsletter))
    dropped = {"rich_text": "text", "simple_text": "html"}.get(newsletter.preferred_content)
    return {**kept, dropped: ""} if dropped else kept


def duplicate(delivery_id: int, *, actor: User | None = None) -> Delivery:
    """Make a draft with everything of a delivery but its past. Raises StateConflict where it is gone."""
    old = Delivery.objects.select_related("newsletter", "database", "filter").filter(pk=delivery_id).first()
    content = Content.objects.filter(delivery=delivery_id).first()
    if old is None or content is None:
        raise StateConflict("NO_DELIVERY", id=delivery_id)
    if old.copies_of is not None:
        raise StateConflict("COPIES")
    with transaction.atomic():
        made = Delivery.objects.create(
            account_id=old.account_id, newsletter=old.newsletter, database=old.database, filter=old.filter,
            title=(_("%s (copy)") % old.title)[:500], subject=old.subject, remove_duplicates=old.remove_duplicates,
            transactional=old.transactional, publish_on_web=old.publish_on_web, created_by=actor,
        )  # fmt: skip
        Content.objects.create(delivery=made, **content_of(content), link_categories=chosen_categories(old))
        Label.objects.bulk_create(
            Label(delivery=made, name=name, value=value) for name, value in old.labels.values_list("name", "value")
        )
        copy_attachments(old, made.pk)
        audit.record(made.account_id, actor, Verb.CREATED, made, {"from": old.pk})
    return made


def change_newsletter(delivery_id: int, newsletter: Newsletter, *, version: int) -> int:
    """Begin a draft anew under another newsletter of the account; its title and labels stay. Returns the version.

    Raises StateConflict where somebody changed it since `version`.
    """
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=delivery_id, version=version, status=DeliveryStatus.NEW)
        moved = mine.filter(account=newsletter.account_id).update(
            newsletter=newsletter,
            database=newsletter.database,
            filter=None,
            subject=newsletter.subject,
            transactional=newsletter.kind == "transactional",
            version=F("version") + 1,
        )
        if not moved:
            raise stale(delivery_id)
        Content.objects.filter(delivery=delivery_id).update(**_defaults(newsletter))
    return version + 1


def copy_message(delivery_id: int, source: Delivery, *, version: int) -> int:
    """Take over the message of another delivery of the account: subject, parts, files, how it is tracked."""
    kept = {name: getattr(source.content, name) for name in WRITTEN}
    kept["link_categories"] = chosen_categories(source)
    with transaction.atomic():
        after = edit(delivery_id, {"subject": source.subject, **kept}, version=version)
        Attachment.objects.filter(delivery=delivery_id).delete()
        copy_attachments(source, delivery_id)
    return after
