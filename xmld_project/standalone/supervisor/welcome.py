"""The bundle that the first start drops by itself, so that there is something to see, and what became of it."""

from typing import Any, Final

from django.db import connection

from deliveries import sftp_usernames
from deliveries.models import Message, ProcessingRun
from deliveries.models.states import DeliveryStatus, MessageStatus, RunStatus
from xmld_project.standalone.places import Places
from xmld_project.standalone.service_user import ServiceUser
from xmld_project.standalone.sftp_server import spaces as sftp_spaces
from xmld_project.standalone.supervisor.first_start import DEMO

FILE: Final = "welcome.xml"
SPACE: Final = "demo"
_OVER: Final = {DeliveryStatus.SENT, DeliveryStatus.STOPPED, DeliveryStatus.FAILED, DeliveryStatus.PAUSED}


def bundle(newsletter: int) -> dict[str, bytes]:
    """Return sample 01 under names and a label of its own: {file name: bytes}, the semaphore last."""
    sample = DEMO / "01-send-now"
    text = (sample / "orders.xml").read_text(encoding="utf-8")
    for old, new in (
        ("<newsletter>1<", f"<newsletter>{newsletter}<"),
        ("<csv_file>orders.csv<", "<csv_file>welcome.csv<"),
        ("<label>Orders of the day<", "<label>Welcome<"),
    ):
        text = text.replace(old, new)
    return {"welcome.csv": (sample / "orders.csv").read_bytes(), FILE: text.encode(), "welcome.ok": b""}


def drop(places: Places, user: ServiceUser | None, made: dict[str, Any]) -> bool:
    """Drop the bundle unless it was dropped before; return whether there is something to wait for."""
    spaces = sftp_spaces.prepare(places, user)
    try:
        if ProcessingRun.objects.filter(space_id=made["spaces"][SPACE], file=FILE).exists():
            return False
    finally:
        connection.close()
    if not sftp_usernames.claim(spaces, SPACE, made["account"]):
        return False
    sftp_spaces.put(spaces / SPACE, user, bundle(made["newsletters"]["Offers"]))
    return True


def outcome(url: str) -> str | None:
    """Return the line that says what became of it and where that run is, or None while it isn't known.

    `url` is the campaign area's; its pages' addresses are written out, as the supervisor loads none of them.
    """
    try:
        run = ProcessingRun.objects.filter(file=FILE).select_related("delivery").order_by("id").first()
        if run is None or run.status == RunStatus.LOADING:
            return None
        where = f"{url}deliveries/processingrun/{run.pk}/change/"
        if run.status == RunStatus.ERROR:
            return f"{FILE}: {run.status} {run.sub_status}: {run.error} {where}"
        if run.delivery is None or run.delivery.status not in _OVER:
            return None
        sent = Message.objects.filter(delivery=run.delivery, status=MessageStatus.DELIVERED).count()
        state = "" if run.delivery.status == DeliveryStatus.SENT else f", the delivery is {run.delivery.status}"
        return f"{FILE}: {run.status}, {sent} messages sent{state}, {where}"
    finally:
        connection.close()
