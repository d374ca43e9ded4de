"""The message of a delivery written and checked: as often as one likes before it starts, never over another's edit.

Reference 5.1, 5.4.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.audit import Verb
from deliveries.composition import MESSAGE_FIELDS, attachments_of, source_of
from deliveries.content import Fetch, Fetched, Source, fetches, with_fetched
from deliveries.errors import ClientError, StateConflict
from deliveries.models import Attachment, Content, Delivery, DeliveryStatus
from deliveries.models.moves import move
from deliveries.models.states import EDITABLE
from deliveries.sending.lifecycle.describe import write_labels
from deliveries.sending.lifecycle.start import check
from recipients.faults import Fault
from recipients.models import User

# What is in the delivery's own row; the rest of the message, WRITTEN, is in its content's.
OWN: Final = frozenset({"title", "subject", "filter", "remove_duplicates", "publish_on_web"})
WRITTEN: Final = frozenset({*MESSAGE_FIELDS, "link_categories"})
# What a message includes from elsewhere, fetched: the stage that knows how is handed in from above.
FetchAll = Callable[[Iterable[Fetch], list[str]], dict[Fetch, Fetched]]
_ROWS: Final = ("account", "database", "filter", "newsletter")


def edit(
    delivery_id: int,
    changes: Mapping[str, Any],
    *,
    version: int,
    actor: User | None = None,
    labels: Iterable[tuple[str, str]] | None = None,
) -> int:
    """Write fields of OWN and WRITTEN, and labels where given; return the new version.

    Raises StateConflict where somebody changed it since `version`, or it is no longer to be edited; ClientError
    where a delivery that is ready would no longer be right.
    """
    with transaction.atomic():
        own = {name: value for name, value in changes.items() if name in OWN}
        mine = Delivery.objects.filter(pk=delivery_id, version=version, status__in=EDITABLE)
        if not mine.exclude(status=DeliveryStatus.SCHEDULED, start_at__lte=timezone.now()).update(
            version=F("version") + 1, **own
        ):
            raise stale(delivery_id)
        written = {name: value for name, value in changes.items() if name in WRITTEN}
        if written:
            Content.objects.filter(delivery=delivery_id).update(**written)
        delivery = Delivery.objects.select_related(*_ROWS).get(pk=delivery_id)
        if labels is not None:
            write_labels(delivery, list(labels))
        if delivery.status != DeliveryStatus.NEW:
            check_all(delivery)
            audit.record(delivery.account_id, actor, Verb.CONTENT_EDITED, delivery)
    return version + 1


def finish(delivery_id: int, *, version: int, actor: User | None = None, fetch: FetchAll | None = None) -> None:
    """Make a draft ready once all of it is right. Raises StateConflict, ClientError with what to mend."""
    delivery = Delivery.objects.select_related(*_ROWS).get(pk=delivery_id)
    source = source_of(delivery)
    wanted = fetches(source)
    if wanted and fetch is not None:
        source = with_fetched(source, fetch(wanted, delivery.account.fetch_hosts))
    with transaction.atomic():
        if wanted:
            _keep_fetched(delivery, source)
        check_all(delivery)
        draft = Delivery.objects.filter(pk=delivery_id, version=version, status=DeliveryStatus.NEW)
        if not move(draft, DeliveryStatus.READY, version=F("version") + 1):
            raise stale(delivery_id)
        audit.record(delivery.account_id, actor, Verb.FINISHED, delivery)


def check_all(delivery: Delivery) -> None:
    """Raise ClientError where a bundle with this message would be refused (reference 2.5)."""
    content = Content.objects.get(delivery=delivery)
    if not delivery.subject.strip():
        raise ClientError("SUBJECT_MISSING.both")
    if not content.reply_to.strip():
        raise ClientError("REPLY_TO_MISSING", Fault.of("REPLY_TO.missing").say())
    if not content.html.strip() and not content.text.strip():
        raise ClientError("CONTENT_NONE", _("it has neither HTML nor text: write one of them"))
    check(delivery)


def _keep_fetched(delivery: Delivery, source: Source) -> None:
    """Write what was fetched into the message, as a run does: later the addresses may hold something else."""
    Content.objects.filter(delivery=delivery).update(html=source.html, text=source.text)
    delivery.attachments.all().delete()
    Attachment.objects.bulk_create(attachments_of(source, delivery))


def stale(delivery_id: int) -> StateConflict:
    """Return whether it is gone, no longer to be edited, or changed by somebody else."""
    now = Delivery.objects.filter(pk=delivery_id).first()
    if now is None:
        return StateConflict("NO_DELIVERY", id=delivery_id)
    if now.status not in EDITABLE:
        return StateConflict("STATE.message", id=delivery_id, state=now.get_status_display())
    return StateConflict("VERSION")
