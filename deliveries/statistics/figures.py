"""The one definition of every figure (reference 6): the list, the page, the report and the API all read it.

Outcomes are counted over the messages while a delivery goes out and kept once it has ended; what people and
machines did is summed over the counters. None is what was not measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Count, Sum

from deliveries.models import Counter, Delivery, DeliveryStatus, Message, MessageStatus

Figures = dict[str, int | None]

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
# What can't be known without each mark of Delivery.measured, and without a pixel and links of each person's own.
MEASURED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "v": ("views", "hidden_views", "unique_views", "machine_views"),
    "c": ("clicks", "unique_clicks", "machine_clicks"),
    "w": ("web_views",),
}
OF_EACH_PERSON: Final = ("hidden_views", "unique_views", "unique_clicks")
ENDED: Final = frozenset({DeliveryStatus.SENT, DeliveryStatus.STOPPED})


def nothing() -> Figures:
    """Return all figures at zero, in the order in which they are shown."""
    return dict.fromkeys(("size", *OUTCOME_FIGURES, *EVENT_FIGURES), 0)


def figures(delivery_ids: Sequence[int]) -> dict[int, Figures]:
    """Return every figure of each delivery asked for, in three queries whatever their number."""
    rows = Delivery.objects.filter(pk__in=delivery_ids).values_list(
        "pk", "content__tracking", "measured", "status", "kept_figures__stale", "kept_figures__outcomes"
    )
    found: dict[int, dict[str, int]] = {}
    unknown: dict[int, frozenset[str]] = {}
    for pk, tracking, measured, status, stale, outcomes in rows:
        found[pk] = dict(outcomes) if stale is False and status in ENDED else {}
        unknown[pk] = unmeasured(tracking or "", measured)
    _add(found, outcomes_of([pk for pk, kept in found.items() if not kept]))
    counters = Counter.objects.filter(delivery__in=delivery_ids, dimension="").order_by()
    _add(found, counters.values_list("delivery_id", "figure").annotate(total=Sum("value")))
    return {
        pk: {name: None if name in unknown[pk] else mine.get(name, 0) for name in nothing()}
        for pk, mine in found.items()
    }


def outcomes_of(delivery_ids: Sequence[int]) -> Iterable[tuple[int, str, int]]:
    """Count the messages of deliveries: (delivery, figure, how many), a figure may come twice."""
    if not delivery_ids:
        return
    states = Message.objects.filter(delivery__in=delivery_ids).values_list("delivery_id", "status")
    for delivery_id, status, number in states.annotate(number=Count("id")).order_by():
        yield delivery_id, "size", number
        yield delivery_id, OUTCOMES[status], number


def unmeasured(tracking: str, measured: str) -> frozenset[str]:
    """Return the figures that a delivery of this mode and these marks can't know."""
    names = {name for mark, named in MEASURED_BY.items() if mark not in measured for name in named}
    return frozenset(names.union(OF_EACH_PERSON) if tracking == "aggregate" else names)


def rates(of: Mapping[str, int | None]) -> dict[str, float | None]:
    """Return the rates as fractions; null where the divisor is 0 or a part was not measured."""
    left = (of["unsubscribed"] or 0) + (of["list_unsubscribed"] or 0)
    return {
        "delivery": _share(of["delivered"], of["size"]),
        "bounce": _share(of["bounced"], (of["delivered"] or 0) + (of["bounced"] or 0)),
        "open": _share(of["unique_views"], of["delivered"]),
        "click": _share(of["unique_clicks"], of["delivered"]),
        "click_to_open": _share(of["unique_clicks"], of["unique_views"]),
        "unsubscribe": _share(left, of["delivered"]),
        "complaint": _share(of["complaints"], of["delivered"]),
    }


def imbalance(of: Mapping[str, int | None]) -> int:
    """Return by how much the outcomes miss the size: 0, always."""
    return (of["size"] or 0) - sum(of[name] or 0 for name in OUTCOME_FIGURES)


def _add(found: dict[int, dict[str, int]], rows: Iterable[Any]) -> None:
    for delivery_id, name, number in rows:
        if delivery_id in found:
            found[delivery_id][name] = found[delivery_id].get(name, 0) + number


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else part / whole
