"""A test by hand: copies of the message to people who look at it, with a chosen person's values (reference 5.1).

They are a delivery of the type test, frozen as it is made; their links act on nobody.
"""

from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries import audience, audit, conf
from deliveries.audit import Verb
from deliveries.errors import ClientError
from deliveries.models import Delivery, DeliveryStatus
from deliveries.models.moves import move
from deliveries.queue import START_DELIVERY, enqueue
from deliveries.sending.lifecycle import drafts, editing
from deliveries.sending.lifecycle.copy_rows import write_messages
from recipients import tables
from recipients.addresses import parse
from recipients.models import Filter, User

_TESTABLE: Final = frozenset({"new", "ready", "scheduled"})


def send_test(
    delivery_id: int,
    *,
    addresses: Iterable[str] = (),
    test_filter: Filter | None = None,
    recipient: int | None = None,
    actor: User | None = None,
) -> Delivery:
    """Send a test of a delivery at once, to addresses as typed and to a test filter's first 30 people.

    `recipient` is the row whose values are written, else the first whom it would reach. Raises ClientError.
    """
    original = Delivery.objects.select_related("account", "database", "newsletter", "filter").get(pk=delivery_id)
    if original.status not in _TESTABLE:
        raise ClientError("TEST_STATE", _("a test goes out before the delivery does: this one has started"))
    to = _to(original, addresses, test_filter)
    person = recipient or next(iter(audience.sample(original, 1)), None)
    if person is None or not tables.read_values(original.database, [person]):
        raise ClientError("TEST_NOBODY", _("there is nobody whose values could be written: choose others"))
    with transaction.atomic():
        test = drafts.duplicate(delivery_id, actor=actor)
        editing.check_all(test)
        now = timezone.now()
        move(
            Delivery.objects.filter(pk=test.pk), DeliveryStatus.SCHEDULED, type="test", title=original.title,
            filter=test_filter, copies_of=person, size=len(to), start_at=now, start_queued_at=now, test_of=original,
            most_recipients=conf.MAX_TEST_RECIPIENTS,
        )  # fmt: skip
        write_messages(test, to)
        audit.record(original.account_id, actor, Verb.TEST_SENT, original, {"n": len(to), "to": ", ".join(to[:5])})
        enqueue(START_DELIVERY, test.pk)
    test.refresh_from_db()
    return test


def _to(original: Delivery, addresses: Iterable[str], test_filter: Filter | None) -> list[str]:
    """Return the addresses, each once and at most 30, in the order given."""
    wanted: dict[str, str] = {}
    for written in addresses:
        try:
            read = parse(written)
        except ClientError as error:
            raise ClientError("TEST_ADDRESS", error.message) from error
        wanted.setdefault(read.key, read.text)
    if test_filter is not None:
        for address in _people_of(original, test_filter):
            wanted.setdefault(address.lower(), address)
    if not wanted:
        raise ClientError("TEST_ADDRESS", _("write an address to send the test to"))
    return list(wanted.values())[: conf.MAX_TEST_RECIPIENTS]


def _people_of(original: Delivery, test_filter: Filter) -> list[str]:
    looked_for = Delivery(database=original.database, newsletter=original.newsletter, filter=test_filter)
    ids = audience.sample(looked_for, conf.MAX_TEST_RECIPIENTS)
    column = tables.address_column(original.database).lower()
    values = tables.read_values(original.database, ids)
    return [address for key in ids if (address := str(values.get(key, {}).get(column) or ""))]
