"""The categories of a delivery's links, edited also after sending; figures read them anew (reference 5.1).

Clicks are counted by the number of the link, never by its category: no counter has to follow.
"""

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.conf import MAX_LINK_CATEGORY
from deliveries.errors import ClientError, StateConflict
from deliveries.models import Content, Delivery, Link
from recipients.models import User

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Change:
    """One link's new category, and the one that its editor saw."""

    number: int
    seen: int
    wanted: int


def chosen_categories(delivery: Delivery) -> dict[str, int]:
    """Return the category of each link that one was chosen for, by its address: before the start, or since."""
    before = Content.objects.filter(delivery=delivery).values_list("link_categories", flat=True).first() or {}
    since = Link.objects.filter(delivery=delivery).order_by("number").values_list("url", "category")
    return {**before, **dict(since)}


def check_category(row: Delivery, number: int) -> None:
    """Raise ClientError for a category that the newsletter has not; one that has none takes any number."""
    known = {0, *row.newsletter.link_categories.values()}
    if not 0 <= number <= MAX_LINK_CATEGORY or (len(known) > 1 and number not in known):
        said = _("The newsletter has no link category %(number)s: choose one of its own.")
        raise ClientError("LINK_CATEGORY", said % {"number": number})


def categorise(row: Delivery, changes: list[Change], *, actor: User) -> int:
    """Write the categories that differ, all or none; return how many did.

    Raises ClientError for a category that the newsletter has not, StateConflict where somebody changed one since.
    """
    asked = [change for change in changes if change.wanted != change.seen]
    for change in asked:
        check_category(row, change.wanted)
    with transaction.atomic():
        kept = {}
        for change in sorted(asked, key=lambda change: change.number):
            link = Link.objects.filter(delivery=row, number=change.number)
            if not link.filter(category=change.seen).update(category=change.wanted):
                said = _("Somebody changed the category of link %(number)s meanwhile: look again, then edit.")
                raise StateConflict("VERSION", said % {"number": change.number})
            url = link.values_list("url", flat=True).get()
            kept[f"{change.number} {url[:_SHOWN]}"] = [str(change.seen), str(change.wanted)]
        if kept:
            audit.record(row.account_id, actor, audit.Verb.LINKS_CATEGORISED, row, {"changes": kept})
    return len(kept)
