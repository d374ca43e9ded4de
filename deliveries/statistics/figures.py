"""The one definition of every figure (reference 6): the list, the page, the report and the API all read it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from django.db.models import Count, Q

from deliveries.models import Action, Event, Message, MessageStatus, Origin

Figures = dict[str, int]

# How each state of a message is counted; being sent is not yet tried.
OUTCOMES: Final[Mapping[str, str]] = {
    MessageStatus.PENDING: "pending",
    MessageStatus.SENDING: "pending",
    MessageStatus.DEFERRED: "deferred",
    MessageStatus.IN_DOUBT: "in_doubt",
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.BOUNCED: "bounced",
    MessageStatus.ERROR: "errors",
    MessageStatus.EXPIRED: "expired",
    MessageStatus.CANCELLED: "cancelled",
    MessageStatus.BLACKLIST: "blacklist_matches",
    MessageStatus.TEMPORARY_BLACKLIST: "temporary_blacklist_matches",
}
# The order in which they are shown; the first line always sums up to size.
OUTCOME_FIGURES: Final = (
    "delivered", "bounced", "errors", "cancelled", "expired", "pending", "deferred", "in_doubt",
    "blacklist_matches", "temporary_blacklist_matches",
)  # fmt: skip
EVENT_FIGURES: Final = (
    "blacklisted", "temporary_blacklisted", "views", "hidden_views", "unique_views", "web_views", "clicks",
    "unique_clicks", "machine_views", "machine_clicks", "unsubscribed", "list_unsubscribed", "complaints",
)  # fmt: skip

_VIEW = Q(action=Action.VIEW)
_CLICK = Q(action=Action.CLICK)
_PERSON = Q(origin=Origin.PERSON)
_MACHINE = Q(origin=Origin.MACHINE)
_SEEN = (_VIEW & ~_MACHINE) | (_CLICK & _PERSON)

_COUNTS: Final = {
    "blacklisted": Count("id", filter=Q(action=Action.ENTERED_PERMANENT)),
    "temporary_blacklisted": Count("id", filter=Q(action=Action.ENTERED_TEMPORARY)),
    "views": Count("id", filter=_VIEW & _PERSON),
    "opened": Count("message", filter=_VIEW & _PERSON, distinct=True),
    "unique_views": Count("message", filter=_SEEN, distinct=True),
    "web_views": Count("id", filter=_VIEW & Q(origin=Origin.WEB)),
    "clicks": Count("id", filter=_CLICK & _PERSON),
    "unique_clicks": Count("message", filter=_CLICK & _PERSON, distinct=True),
    "machine_views": Count("id", filter=_VIEW & _MACHINE),
    "machine_clicks": Count("id", filter=_CLICK & _MACHINE),
    "unsubscribed": Count("id", filter=Q(action=Action.OPT_OUT)),
    "list_unsubscribed": Count("id", filter=Q(action=Action.LIST_UNSUBSCRIBE)),
    "complaints": Count("id", filter=Q(action=Action.FEEDBACK_LOOP)),
}


def nothing() -> Figures:
    """Return all figures at zero, in the order in which they are shown."""
    return dict.fromkeys(("size", *OUTCOME_FIGURES, *EVENT_FIGURES), 0)


def figures(delivery_ids: Sequence[int]) -> dict[int, Figures]:
    """Return every figure of each delivery asked for, in two queries whatever their number."""
    found = {delivery_id: nothing() for delivery_id in delivery_ids}
    states = Message.objects.filter(delivery__in=delivery_ids).values_list("delivery_id", "status")
    for delivery_id, status, count in states.annotate(count=Count("id")).order_by():
        found[delivery_id]["size"] += count
        found[delivery_id][OUTCOMES[status]] += count
    events = Event.objects.filter(delivery__in=delivery_ids).values("delivery_id").annotate(**_COUNTS).order_by()
    for row in cast("Iterable[Figures]", events):  # the names that ** annotates are unknown to the stubs
        mine = found[row.pop("delivery_id")]
        mine["hidden_views"] = row["unique_views"] - row.pop("opened")
        mine.update(row)
    return found


def rates(of: Mapping[str, int]) -> dict[str, float | None]:
    """Return the rates as fractions; null where the divisor is 0."""
    return {
        "delivery": _share(of["delivered"], of["size"]),
        "bounce": _share(of["bounced"], of["delivered"] + of["bounced"]),
        "open": _share(of["unique_views"], of["delivered"]),
        "click": _share(of["unique_clicks"], of["delivered"]),
        "click_to_open": _share(of["unique_clicks"], of["unique_views"]),
        "unsubscribe": _share(of["unsubscribed"] + of["list_unsubscribed"], of["delivered"]),
        "complaint": _share(of["complaints"], of["delivered"]),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def imbalance(of: Mapping[str, int]) -> int:
    """Return by how much the outcomes miss the size: 0, always."""
    return of["size"] - sum(of[name] for name in OUTCOME_FIGURES)
