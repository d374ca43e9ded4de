"""The buttons of a delivery in the order in which they are pressed, state by state."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from deliveries.models import Delivery, DeliveryStatus

_S: Final = DeliveryStatus
# So long before it goes out, taking it back is what somebody wants who pressed too early.
_SOON: Final = timedelta(minutes=2)
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


def goes_soon(row: Delivery) -> bool:
    """Return whether it is about to go out, and can still be taken back."""
    return row.status == _S.SCHEDULED and row.start_at is not None and row.start_at < timezone.now() + _SOON


def by_likelihood(row: Delivery, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the buttons in the order of the row's state, the first one as the page's own colour."""
    wanted = ("unschedule", "start") if goes_soon(row) else LIKELIEST.get(DeliveryStatus(row.status), ())
    place = {name: number for number, name in enumerate(wanted)}
    ordered = sorted(links, key=lambda link: (link["variant"] == "danger", place.get(link["name"], len(wanted))))
    for number, link in enumerate(ordered):
        if link["variant"] != "danger":
            link["variant"] = "primary" if number == 0 else "default"
        if row.status == _S.SCHEDULED:
            link["label"] = _SCHEDULED.get(link["name"], link["label"])
    return ordered
