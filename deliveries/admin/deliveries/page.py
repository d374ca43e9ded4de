"""What the page of one delivery shows, tab by tab."""

from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from deliveries.admin.deliveries import links, preview, progress, recipients
from deliveries.admin.deliveries.relatives import relatives
from deliveries.admin.reports import tab as report_tab
from deliveries.admin.shell import activity
from deliveries.admin.shell.badges import FIGURES, delivery_state, starting_state
from deliveries.admin.shell.consent import lacks_basis
from deliveries.audit import label_of
from deliveries.models import Delivery, DeliveryStatus
from deliveries.models.states import EDITABLE
from deliveries.sending.lifecycle.preflight import preflight
from deliveries.sending.lifecycle.waits import waits_for
from deliveries.statistics.figures import figures

TABS: Final = {
    "summary": _("Summary"),
    "message": _("Message"),
    "recipients": _("Recipients"),
    "links": _("Links"),
    "statistics": _("Statistics"),
    "activity": _("Activity"),
}
FIRST_PEOPLE: Final = 50
# Figures that are shown also at 0, so that nobody takes a missing one for "not measured".
ALWAYS: Final = frozenset({"delivered", "bounced", "unique_views", "unique_clicks", "unsubscribed", "complaints"})


def facts(row: Delivery, asked: QueryDict, *, people: bool) -> dict[str, Any]:
    """Return the context of the page with the chosen tab filled; `people` lets addresses through."""
    chosen = asked.get("tab", "") if asked.get("tab") in TABS else "summary"
    fill = _FILLS.get(chosen)
    return {
        **live(row),
        **(_summary(row) if chosen == "summary" else {}),
        "tab": chosen,
        "tabs": [{"key": key, "label": label, "current": key == chosen} for key, label in TABS.items()],
        "labels": row.labels.all(),
        "people": people,
        **(fill(row, asked, people) if fill else {}),
    }


def live(row: Delivery) -> dict[str, Any]:
    """Return what changes while it goes out, on whatever tab one looks."""
    starting = progress.about_to_start(row)
    return {
        "delivery": row,
        "zone": row.account.time_zone,
        "waits": waits_for(row),
        "state": starting_state() if starting else delivery_state(row.status),
        **progress.live(row),
        "soon": progress.goes_soon(row),
    }


def _summary(row: Delivery) -> dict[str, Any]:
    waits = row.status in EDITABLE and row.type == "normal" and not progress.about_to_start(row)
    return {
        **_figures(row),
        "report": preflight(row) if waits else None,
        "lacks_basis": lacks_basis(row),
        "relatives": relatives(row),
        "attachments": list(row.attachments.values_list("name", flat=True)),
    }


def _figures(row: Delivery) -> dict[str, Any]:
    """Return them but while it goes out: then the bar above counts on, and these would stay behind."""
    moves = row.size is None or row.status == DeliveryStatus.SENDING
    counted = {} if moves else figures([row.pk])[row.pk]
    shown = [(name, number) for name, number in counted.items() if name in ALWAYS or number]
    return {"figures": [(FIGURES[name], _("not measured") if number is None else number) for name, number in shown]}


def _message(row: Delivery, asked: QueryDict, people: bool) -> dict[str, Any]:  # noqa: FBT001  one of five
    return {
        "preview": preview.preview_of(row, asked.get("recipient", ""), asked.get("address", "")[:320])
        if people
        else preview.neutral(row),
        "images": asked.get("images") == "1",
        "asked_address": asked.get("address", ""),
        "may_test": row.type == "normal" and row.status in EDITABLE,
    }


def _recipients(row: Delivery, asked: QueryDict, people: bool) -> dict[str, Any]:  # noqa: FBT001  one of five
    return recipients.context(row, asked.get("outcome", ""), people=people)


def _links(row: Delivery, _asked: QueryDict, people: bool) -> dict[str, Any]:  # noqa: FBT001  one of five
    return links.context(row, people=people)


def _statistics(row: Delivery, _asked: QueryDict, people: bool) -> dict[str, Any]:  # noqa: FBT001  one of five
    return report_tab.context(row, people=people)


def _activity(row: Delivery, _asked: QueryDict, people: bool) -> dict[str, Any]:  # noqa: FBT001  one of five
    lines = row.activity.select_related("actor")[:200]
    return {"activity": [(line, label_of(line.verb), activity.details_of(line, people=people)) for line in lines]}


_FILLS: Final = {
    "message": _message,
    "recipients": _recipients,
    "links": _links,
    "statistics": _statistics,
    "activity": _activity,
}
