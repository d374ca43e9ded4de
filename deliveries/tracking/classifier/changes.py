"""What an event and a message's first times add to the counters: pure, and undone by the same with a minus.

`deliveries.statistics.mend` counts the same in SQL from all events; a test holds the two together.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from deliveries.models import Action, Origin
from deliveries.tracking.classifier.devices import DESKTOP, MOBILE
from deliveries.tracking.classifier.reading import MessageState

# The delivery, the dimension, the figure, the key (deliveries/models/counters.py).
Which = tuple[int, str, str, str]
Changes = Counter[Which]

_FIGURES: Final = {
    (Action.VIEW, Origin.PERSON): "views",
    (Action.VIEW, Origin.WEB): "web_views",
    (Action.VIEW, Origin.MACHINE): "machine_views",
    (Action.CLICK, Origin.PERSON): "clicks",
    (Action.CLICK, Origin.MACHINE): "machine_clicks",
}
DEVICE_BIT: Final = {DESKTOP: 1, MOBILE: 2}  # as models.Message.devices holds them
_OWN: Final = "~"


@dataclass(frozen=True, slots=True)
class Classified:
    """A hit with its verdict, as it becomes an event. `device` is None for a click."""

    hit_id: int
    delivery_id: int
    message_id: int | None
    at: datetime
    action: Action
    origin: Origin
    device: int | None
    reference: str


def as_machine(event: Classified) -> Classified:
    """Return the same event with the verdict that replaces it."""
    return replace(event, origin=Origin.MACHINE)


def own_link_key(target: str) -> str:
    """Return the key of an address in a person's own page: counters and events name it so."""
    return _OWN + hashlib.sha256(target.encode("utf-8", "replace")).hexdigest()[:24]


def is_own_link(key: str) -> bool:
    """Return whether a key is one of `own_link_key`."""
    return key.startswith(_OWN)


def of_event(event: Classified, by: int = 1) -> Changes:
    """Return what one event adds."""
    figure = _FIGURES[event.action, event.origin]
    found: Changes = Counter({(event.delivery_id, "", figure, ""): by})
    if figure in {"views", "clicks"}:
        hour = event.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0).isoformat()
        found[event.delivery_id, "hour", figure, hour] += by
    if figure == "views":
        found[event.delivery_id, "device", "views", str(event.device or 0)] += by
    if figure == "clicks" and event.reference:
        found[event.delivery_id, "link", "clicks", event.reference] += by
    return found


def of_message(state: MessageState, by: int = 1) -> Changes:
    """Return what a message adds by what its person did at all: the unique figures."""
    found: Changes = Counter()
    delivery = state.delivery_id
    if state.view_at or state.click_at or state.web_at:
        found[delivery, "", "unique_views", ""] = by
        found[delivery, "domain", "unique_views", state.domain] = by
        if not state.view_at:
            found[delivery, "", "hidden_views", ""] = by
    if state.click_at:
        found[delivery, "", "unique_clicks", ""] = by
        found[delivery, "domain", "unique_clicks", state.domain] = by
    for device, bit in DEVICE_BIT.items():
        if state.devices & bit:
            found[delivery, "device", "unique_views", str(device)] = by
    return found


def of_first_visit(delivery_id: int, key: str, by: int = 1) -> Changes:
    """Return what a message's first click on a link adds."""
    return Counter({(delivery_id, "link", "unique_clicks", key): by})


def note_first(state: MessageState, event: Classified) -> None:
    """Let a person's event take its place in what this message's person did first."""
    if event.origin == Origin.WEB:
        state.web_at = _earlier(state.web_at, event.at)
    elif event.origin == Origin.PERSON and event.action == Action.CLICK:
        state.click_at = _earlier(state.click_at, event.at)
    elif event.origin == Origin.PERSON:
        state.view_at = _earlier(state.view_at, event.at)
        state.devices |= DEVICE_BIT[event.device or DESKTOP]


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
