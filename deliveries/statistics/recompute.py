"""All figures again, from the event log alone: what `reconcile` compares the counters with (reference 6)."""

from collections.abc import Iterable
from typing import Final

from deliveries.models import Action, Origin
from deliveries.statistics.figures import OUTCOMES, nothing
from deliveries.statistics.log import Row

_COUNTED: Final = {
    Action.ENTERED_PERMANENT: "blacklisted",
    Action.ENTERED_TEMPORARY: "temporary_blacklisted",
    Action.OPT_OUT: "unsubscribed",
    Action.LIST_UNSUBSCRIBE: "list_unsubscribed",
    Action.FEEDBACK_LOOP: "complaints",
}
_HITS: Final[dict[tuple[str, str], str]] = {
    (Action.VIEW, Origin.PERSON): "views",
    (Action.VIEW, Origin.WEB): "web_views",
    (Action.VIEW, Origin.MACHINE): "machine_views",
    (Action.CLICK, Origin.PERSON): "clicks",
    (Action.CLICK, Origin.MACHINE): "machine_clicks",
}


def from_events(rows: Iterable[Row]) -> dict[str, int]:
    """Return every figure counted from the rows of one delivery's log."""
    found = dict.fromkeys(nothing(), 0)
    messages: set[str] = set()
    viewed: set[str] = set()
    clicked: set[str] = set()
    visited: set[str] = set()
    for row in rows:
        message, action, origin = row["mailqID"], row["actionType"], row["actionOrigin"]
        if message and message not in messages:
            messages.add(message)
            found["size"] += 1
            found[OUTCOMES[row["messageStatus"]]] += 1
        if name := _COUNTED.get(Action(action)) if action else None:
            found[name] += 1
        if name := _HITS.get((action, origin)):
            found[name] += 1
        if not message:  # a hit of a shared pixel or a plain link is nobody's
            continue
        if action == Action.VIEW and origin == Origin.PERSON:
            viewed.add(message)
        elif action == Action.VIEW and origin in {Origin.WEB, Origin.DEDUCED}:
            visited.add(message)
        elif action == Action.CLICK and origin == Origin.PERSON:
            clicked.add(message)
    found["unique_views"] = len(viewed | visited | clicked)
    found["hidden_views"] = len((visited | clicked) - viewed)
    found["unique_clicks"] = len(clicked)
    return found
