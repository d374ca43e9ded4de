"""The start of a delivery: its audience is frozen and it goes out, in one transaction (reference 5.1, 5.2)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from deliveries import audience, audit, conf
from deliveries.composition import labels_of, source_of, tracking_at_start
from deliveries.content import CompiledMessage, compile_source
from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains.sender_domains import sender_domains
from deliveries.errors import ClientError
from deliveries.messages.measuring import measured
from deliveries.models import Content, Delivery, DeliveryStatus, Link, ReportPlan
from deliveries.models.moves import move
from deliveries.sending.ledger import completion
from deliveries.sending.lifecycle import fail, seeds
from deliveries.sending.lifecycle.link_categories import chosen_categories
from recipients.faults import Fault

LATE: Final = timedelta(minutes=5)  # a start that comes later says so on the delivery's page
_EARLY: Final = timedelta(seconds=2)  # clocks of two machines


class _NobodyError(Exception):
    """The frozen audience is empty: the transaction is taken back."""


def begin(delivery_id: int) -> str:
    """Start a scheduled delivery that is due; return what became of it. Safe to run twice, or after a crash.

    The attempt is counted and committed before the work: what crashed three times is not tried a fourth time.
    """
    counted = Delivery.objects.filter(
        id=delivery_id, status=DeliveryStatus.SCHEDULED, start_at__lte=timezone.now() + _EARLY
    ).update(start_attempts=F("start_attempts") + 1)
    if not counted:
        return f"delivery {delivery_id}: nothing to start"
    delivery = Delivery.objects.select_related("account", "newsletter", "database", "filter").get(id=delivery_id)
    if delivery.start_attempts > conf.MAX_CRASHES:
        return _failed(delivery_id, Fault.of("delivery.crashed"))
    try:
        return _freeze(delivery, check(delivery))
    except _NobodyError:
        return _failed(delivery_id, Fault.of("delivery.nobody"))
    except ClientError as error:
        return _failed(delivery_id, error.fault)


def _failed(delivery_id: int, why: Fault) -> str:
    fail.fail(delivery_id, why)
    return f"delivery {delivery_id} failed: {why}"


def check(delivery: Delivery) -> CompiledMessage:
    """Return its message; raises ClientError where it can't start: filter gone, sender not allowed, no content."""
    if delivery.filter is not None and delivery.filter.archived_at is not None:
        raise ClientError("FILTER_GONE", filter=delivery.filter.name)
    content = Content.objects.filter(delivery=delivery).first()
    if content is None:
        raise ClientError("NO_CONTENT")
    written = content.from_address.rpartition("@")[2]
    if domain_of(written) not in sender_domains(delivery.account):
        raise ClientError("SENDER_DOMAIN", domain=written)
    return compile_source(source_of(delivery))


def _keep_links(delivery: Delivery, compiled: CompiledMessage, chosen: Mapping[str, int]) -> None:
    """Write the rows of its tracked links; a category that was chosen for the address goes before the message's."""
    Link.objects.filter(delivery=delivery, number__gt=len(compiled.links)).delete()
    Link.objects.bulk_create(
        [
            Link(
                delivery=delivery, number=link.number, url=link.url, name=link.name, part=link.part,
                category=chosen.get(link.url, link.category),
            )
            for link in compiled.links
        ],
        update_conflicts=True,
        unique_fields=["delivery", "number"],
        update_fields=["url", "name", "part", "category"],
    )  # fmt: skip


def _freeze(delivery: Delivery, compiled: CompiledMessage) -> str:
    now = timezone.now()
    due = delivery.start_at or now
    late = Fault.of("delivery.late", due=f"{due:%Y-%m-%d %H:%M} UTC").as_json() if now - due > LATE else None
    with transaction.atomic():
        waiting = Delivery.objects.filter(id=delivery.pk, status=DeliveryStatus.SCHEDULED)
        if not move(waiting, DeliveryStatus.SENDING, started_at=now, ended_at=None, fault=late):
            return f"delivery {delivery.pk}: somebody else started or changed it"
        delivery.refresh_from_db()
        Content.objects.filter(delivery=delivery).update(
            frozen_labels=labels_of(delivery), frozen_title=delivery.title, **tracking_at_start(delivery)
        )
        Delivery.objects.filter(id=delivery.pk).update(measured=measured(delivery, delivery.content))
        chosen = chosen_categories(delivery)
        _keep_links(delivery, compiled, chosen)
        size = audience.freeze(delivery)
        if not size:
            raise _NobodyError
        copies = seeds.begin(delivery)
        if copies is not None:
            _keep_links(copies, compiled, chosen)
        for plan in ReportPlan.objects.filter(delivery=delivery, sent_at=None):
            plan.due_at = now + timedelta(hours=plan.delay_hours)
            plan.save(update_fields=["due_at"])
        params = {"size": size, "due": due.isoformat()} if late else {"size": size}
        audit.record(delivery.account_id, None, audit.Verb.STARTED, delivery, params)
    completion.finish(delivery.pk)  # where all of them are on the blacklist
    return f"delivery {delivery.pk} started: {size} recipients"
