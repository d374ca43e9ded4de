"""What deliveries say to a filter or a database being changed (reference 3.4, 3.5)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from deliveries.audience.behaviour import kinds
from deliveries.models import Delivery, DeliveryStatus, Newsletter
from recipients import filtering, tables
from recipients.errors import ClientError
from recipients.models import Database, Filter

WAITING = (DeliveryStatus.NEW, DeliveryStatus.PREPARING, DeliveryStatus.READY, DeliveryStatus.SCHEDULED)
GOING_OUT = (DeliveryStatus.SENDING, DeliveryStatus.PAUSED)


def check_filter(database: Database, match: str, conditions: object, *, own: int | None = None) -> None:
    """Raise ClientError when these conditions can't be a filter of the database; `own` is its id if it has one."""
    columns = tables.columns(database)
    filtering.check_conditions(columns, match, conditions, further=kinds(database), database=database, own=own)


def count_conditions(database: Database, match: str, conditions: object) -> tuple[int, int | None]:
    """Return how many rows these conditions pick, and the id of the first. Raises ClientError."""
    predicate = filtering.predicate_of(
        Filter(database=database, match=match, conditions=conditions), further=kinds(database)
    )
    first = filtering.sample(database, predicate, 1)
    return filtering.count(database, predicate), first[0] if first else None


def filter_used_by(chosen: Filter) -> list[str]:
    """Return in words what uses a filter: base filters, other filters, newsletters, deliveries that wait."""
    newsletters = Newsletter.objects.filter(base_filter=chosen)
    return [
        *filtering.used_by(chosen),
        *(_("newsletter “%s”") % newsletter.name for newsletter in newsletters),
        *_waiting(chosen),
    ]


def _waiting(chosen: Filter) -> list[str]:
    waiting = Delivery.objects.filter(filter=chosen, status__in=WAITING).order_by("id")
    return [_("delivery %s") % delivery.pk for delivery in waiting]


def _refuse_used(chosen: Filter, users: list[str]) -> None:
    if users:
        raise ClientError("FILTER_USED", filter=chosen.name, users=users[:5])


def archive_filter(chosen: Filter) -> bool:
    """Put a filter away; False when it was archived already.

    Raises ClientError FILTER_USED while a delivery waits with it: at its start it would fail.
    """
    with transaction.atomic():
        chosen = Filter.objects.select_for_update().get(pk=chosen.pk)
        _refuse_used(chosen, _waiting(chosen))
        return filtering.archive(chosen)


def delete_filter(chosen: Filter) -> bool:
    """Delete a filter that nothing uses; False when it was archived, as a past delivery's history names it.

    Raises ClientError FILTER_USED, which names the users. A delivery's filter is never emptied: that would
    read as "everybody" when the delivery is repeated.
    """
    with transaction.atomic():
        chosen = Filter.objects.select_for_update().get(pk=chosen.pk)
        _refuse_used(chosen, filter_used_by(chosen))
        if Delivery.objects.filter(filter=chosen).exists():
            filtering.archive(chosen)
            return False
        chosen.delete()
        return True


def refuse_while_sending(database: Database) -> None:
    """Raise ClientError LOCKED_BY_DELIVERY while a delivery on the database is going out: its structure stays."""
    busy = Delivery.objects.filter(database=database, status__in=GOING_OUT).order_by("id").first()
    if busy is not None:
        raise ClientError("LOCKED_BY_DELIVERY", database=database.name, delivery=busy.pk)


def going_out(databases: Sequence[Database]) -> dict[int, int]:
    """Return of each database that a delivery keeps as it is the number of that delivery."""
    busy = Delivery.objects.filter(database__in=databases, status__in=GOING_OUT).order_by("-id")
    return dict(busy.values_list("database_id", "id"))


def refuse_while_sending_or_starting(database: Database) -> None:
    """As refuse_while_sending, after waiting for a start; no other begins until this transaction ends."""
    Database.objects.select_for_update().get(pk=database.pk)
    refuse_while_sending(database)
