"""The deliveries that belong to one: what it is a copy of, its tests and its seed copies."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from deliveries.admin.shell.badges import delivery_state
from deliveries.models import Delivery

_SHOWN: Final = 10


def relatives(row: Delivery) -> list[tuple[str, Delivery, Any]]:
    """Return what each is, in words, the delivery, and its state: the original first, then the newest copies."""
    return [(words, other, delivery_state(other.status)) for words, other in _related(row)]


def _related(row: Delivery) -> Iterator[tuple[str, Delivery]]:
    if row.seeds_of is not None:
        yield _("seed copies of"), row.seeds_of
    if row.test_of is not None:
        yield _("test of"), row.test_of
    mine = Q(test_of=row) | Q(seeds_of=row)
    if row.run_id is not None:
        mine |= Q(run=row.run_id)
    for other in Delivery.objects.filter(mine).exclude(pk=row.pk).order_by("-id")[:_SHOWN]:
        if other.seeds_of_id == row.pk:
            yield _("seed copies"), other
        elif other.type == "test":
            yield _("test"), other
        else:
            yield _("of the same bundle"), other
