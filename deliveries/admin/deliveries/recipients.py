"""The Recipients tab: whom it would reach now, what became of each, who was left out and why."""

from typing import Any, Final

from django.db.models import Count
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

from deliveries import audience
from deliveries.admin.shell.badges import message_state
from deliveries.errors import ClientError
from deliveries.models import Delivery, MessageStatus
from deliveries.statistics.figures import OUTCOMES
from deliveries.statistics.people import some_of
from deliveries.statistics.report import count_emptied
from deliveries.statistics.words import FIGURES

FIRST: Final = 50
_NEVER_TRIED: Final = {
    MessageStatus.BLACKLIST: lazy("on the blacklist"),
    MessageStatus.TEMPORARY_BLACKLIST: lazy("on the temporary blacklist"),
}


def context(row: Delivery, outcome: str, *, people: bool) -> dict[str, Any]:
    """Return what the tab shows; `outcome` is the state of messages that is looked at, "" for all."""
    if row.size is None:
        return _before(row)
    counts = list(row.messages.values("status").annotate(n=Count("pk")).order_by("-n"))
    chosen = outcome if outcome in MessageStatus.values else ""
    shown = row.messages.filter(status=chosen) if chosen else row.messages.all()
    return {
        "outcomes": [
            (
                message_state(line["status"]),
                line["n"],
                line["status"],
                OUTCOMES[line["status"]],
                line["status"] == chosen,
            )
            for line in counts
        ],
        "outcome": chosen,
        "outcome_figure": OUTCOMES[chosen] if chosen else "size",
        "outcome_label": MessageStatus(chosen).label if chosen else "",
        "emptied": count_emptied(row),
        "left_out": _left_out(row, {line["status"]: line["n"] for line in counts}),
        "first": [(message, message_state(message.status)) for message in some_of(shown, None, FIRST)[0]]
        if people
        else [],
    }


def _before(row: Delivery) -> dict[str, Any]:
    try:
        found = audience.expected(row)
    except ClientError as error:
        return {"uncounted": error.message}
    lines: list[tuple[StrOrPromise, int]] = [
        (FIGURES["unsubscribed"], found.unsubscribed),
        (lazy("repetitions of an address"), found.repeated),
        (lazy("on the blacklist"), found.listed),
    ]
    return {"expected": found, "left_out": lines}


def _left_out(row: Delivery, counts: dict[str, int]) -> list[tuple[StrOrPromise, int]]:
    listed = [(label, counts.get(status, 0)) for status, label in _NEVER_TRIED.items()]
    return [
        (FIGURES["unsubscribed"], row.left_out_unsubscribed),
        (lazy("repetitions of an address"), row.left_out_duplicates),
        *listed,
    ]
