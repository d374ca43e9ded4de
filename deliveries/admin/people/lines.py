"""The time line of a person in words: an icon and a word each, as everywhere."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.admin.shell.badges import message_state
from deliveries.models import Action, Message
from deliveries.person import Moment
from deliveries.refusals import Category
from deliveries.statistics.words import BOUNCES
from recipients.admin.badges import state
from recipients.models import Reason

_EVENTS: Final[dict[str, tuple[str, str]]] = {
    Action.VIEW: ("good", "visibility"),
    Action.CLICK: ("good", "ads_click"),
    Action.BOUNCE: ("bad", "undo"),
    Action.ABUSE: ("bad", "report"),
    Action.FEEDBACK_LOOP: ("bad", "report"),
    Action.OPT_IN: ("good", "mark_email_read"),
    Action.OPT_OUT: ("wait", "unsubscribe"),
    Action.LIST_UNSUBSCRIBE: ("wait", "unsubscribe"),
}
_SOURCES: Final = {
    "page": lazy("on the unsubscribe page"),
    "all": lazy("on the unsubscribe page, from everything"),
    "one-click": lazy("by the mail program's button"),
    "mailto": lazy("by mail"),
    "by hand": lazy("by hand"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    at: Any
    shown: SafeString
    detail: str
    message: Message | None
    mail: bool


def line_of(moment: Moment) -> Line:
    """Return a moment as the table shows it."""
    told = {"message": _message, "event": _event, "subscription": _subscription, "blacklist": _blacklist}
    shown, detail = told[moment.kind](moment)
    return Line(moment.at, shown, detail, moment.message, moment.kind == "message")


def subscription_in_words(state_: int, source: str) -> str:
    """Return what an address said of a newsletter, and how."""
    words = {1: _("subscribed"), -1: _("unsubscribed")}.get(state_, _("never said"))
    return f"{words}, {_SOURCES[source]}" if source in _SOURCES else words


def _message(moment: Moment) -> tuple[SafeString, str]:
    message = moment.message
    category = message.category if message else None
    known = str(BOUNCES[Category(category)]) if category in set(Category) else ""
    return message_state(moment.what), ": ".join(part for part in (known, moment.detail) if part)


def _event(moment: Moment) -> tuple[SafeString, str]:
    tone, icon = _EVENTS.get(moment.what, ("calm", "circle"))
    word = Action(moment.what).label
    if moment.machine:
        return state(
            "calm", "smart_toy", _("%(what)s by a machine") % {"what": word}
        ), moment.about or moment.detail
    return state(tone, icon, word), moment.about or moment.detail


def _subscription(moment: Moment) -> tuple[SafeString, str]:
    inside = moment.what == "1"
    shown = (
        state("good", "mark_email_read", _("subscribed"))
        if inside
        else state("wait", "unsubscribe", _("unsubscribed"))
    )
    return shown, ", ".join(part for part in (moment.about, str(_SOURCES.get(moment.detail, ""))) if part)


def _blacklist(moment: Moment) -> tuple[SafeString, str]:
    reason = str(Reason(int(moment.what)).label) if moment.what else ""
    return state("bad", "block", _("blacklist")), ": ".join(part for part in (reason, moment.detail) if part)
