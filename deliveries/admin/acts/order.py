"""The buttons of a delivery in the order in which they are pressed, state by state."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as lazy

from deliveries.admin.deliveries import progress
from deliveries.models import Delivery, DeliveryStatus

_S: Final = DeliveryStatus
# What is done most with a delivery in each state; what is not named comes after, what takes away comes last.
LIKELIEST: Final = {
    _S.NEW: ("edit", "test"),
    _S.READY: ("start", "test", "schedule", "edit"),
    _S.SCHEDULED: ("schedule", "unschedule", "test", "start"),
    _S.SENDING: ("pause", "stop"),
    _S.PAUSED: ("resume", "stop"),
    _S.SENT: ("duplicate",),
    _S.STOPPED: ("duplicate",),
    _S.FAILED: ("retry", "duplicate"),
}


_SCHEDULED: Final = {"schedule": lazy("Reschedule"), "start": lazy("Send without waiting")}


def by_likelihood(row: Delivery, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the buttons in the order of the row's state, the first one as the page's own colour."""
    wanted = ("unschedule", "start") if progress.goes_soon(row) else LIKELIEST.get(DeliveryStatus(row.status), ())
    place = {name: number for number, name in enumerate(wanted)}
    ordered = sorted(links, key=lambda link: (link["variant"] == "danger", place.get(link["name"], len(wanted))))
    for number, link in enumerate(ordered):
        if link["variant"] != "danger":
            link["variant"] = "primary" if number == 0 else "default"
        if row.status == _S.SCHEDULED:
            link["label"] = _SCHEDULED.get(link["name"], link["label"])
    return ordered
