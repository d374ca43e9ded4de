"""What an operator may do with a delivery, state by state (reference 5.1); each says what will happen."""

from typing import Any, Final

from django import forms
from django.utils import formats, timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from deliveries import audience
from deliveries.admin.deliveries import describe, progress
from deliveries.errors import ClientError
from deliveries.models import Delivery, DeliveryStatus
from deliveries.models.states import DELETABLE
from deliveries.sending.lifecycle import control
from recipients.admin.badges import grouped
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User

_S = DeliveryStatus
_Data = dict[str, Any]


def _in(*states: DeliveryStatus) -> Any:
    return lambda row: row.status in states


# What is done most with a delivery in each state; what is not named comes after, what takes away comes last.
LIKELIEST: Final = {
    _S.NEW: ("continue", "test"),
    _S.READY: ("start", "test", "schedule"),
    _S.SCHEDULED: ("schedule", "unschedule", "test", "start"),
    _S.SENDING: ("pause", "stop"),
    _S.PAUSED: ("resume", "stop"),
    _S.SENT: ("duplicate",),
    _S.STOPPED: ("duplicate",),
    _S.FAILED: ("retry", "duplicate"),
}


def by_likelihood(row: Delivery, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the buttons in the order of the row's state, the first one as the page's own colour."""
    wanted = LIKELIEST.get(DeliveryStatus(row.status), ())
    place = {name: number for number, name in enumerate(wanted)}
    ordered = sorted(links, key=lambda link: (link["variant"] == "danger", place.get(link["name"], len(wanted))))
    for number, link in enumerate(ordered):
        if link["variant"] != "danger":
            link["variant"] = "primary" if number == 0 else "default"
        if link["name"] == "schedule" and row.status == _S.SCHEDULED:
            link["label"] = _("Reschedule")
    return ordered


def _startable(row: Delivery) -> bool:
    """Return whether it may still be told when to go; what is due already is being started."""
    return row.status in {_S.READY, _S.SCHEDULED} and not progress.about_to_start(row)


def _people(row: Delivery) -> str:
    """Say how many people it goes to now, or why nobody can say."""
    try:
        return grouped(audience.expected(row).reached)
    except ClientError as error:
        return error.message


def _ask_start(row: Delivery) -> Question:
    try:
        found = audience.expected(row)
    except ClientError as error:
        return Question(_("Send «%(title)s» now?") % {"title": row.title}, warning=error.message)
    title = ngettext(
        "Send «%(title)s» to %(n)s person now?", "Send «%(title)s» to %(n)s people now?", found.reached
    ) % {"title": row.title, "n": grouped(found.reached)}
    warning = "" if found.reached else _("There is nobody to write to.")
    return Question(title, [*_left_out(found), _last_test(row)], warning=warning)


def _left_out(found: audience.Expected) -> list[str]:
    """Say who will not get it, a sentence a reason; nothing where there is nobody."""
    sentences = (
        (found.listed, _("%(n)s are on the blacklist and will be left out.")),
        (found.unsubscribed, _("%(n)s have unsubscribed and will be left out.")),
        (found.repeated, _("%(n)s are repetitions of an address and will be left out.")),
    )
    return [sentence % {"n": grouped(number)} for number, sentence in sentences if number]


def _last_test(row: Delivery) -> str:
    """Say when the last test of this mailing went out, and to how many."""
    tests = Delivery.objects.filter(type="test", newsletter=row.newsletter_id, started_at__isnull=False)
    tests = tests.filter(run=row.run_id) if row.run_id else tests.filter(title=row.title)
    last = tests.order_by("-started_at").first()
    if last is None or last.started_at is None:
        return _("No test of it was sent.")
    ago = timesince(last.started_at)
    sentence = ngettext(
        "The last test was sent %(ago)s ago to %(n)s person.",
        "The last test was sent %(ago)s ago to %(n)s people.",
        last.size or 0,
    )
    return sentence % {"ago": ago, "n": grouped(last.size or 0)}


def _start(row: Delivery, user: User, _data: _Data) -> str:
    control.start(row.pk, actor=user)
    return _("«%(title)s» is going out.") % {"title": row.title}


class WhenForm(forms.Form):
    """A date and a time as text, which the service reads in the account's zone, as it reads a bundle's."""

    when = forms.CharField(
        label=lazy("When"), max_length=40, widget=forms.TextInput(attrs={"type": "datetime-local", "step": "60"})
    )


def _planned(row: Delivery) -> dict[str, Any]:
    """Return the time at which it goes now, or that the bundle proposed; none that has passed meanwhile."""
    at = row.start_at or row.proposed_at
    return {"when": f"{at.astimezone(row.account.zone):%Y-%m-%dT%H:%M}"} if at and at > timezone.now() else {}


def _ask_schedule(row: Delivery) -> Question:
    return Question(
        _("Schedule «%(title)s»?") % {"title": row.title},
        [
            _("%(n)s people as of now. The time is meant in %(zone)s.")
            % {"n": _people(row), "zone": row.account.time_zone}
        ],
    )


def _schedule(row: Delivery, user: User, data: _Data) -> str:
    when = control.schedule(row.pk, data["when"], actor=user).astimezone(row.account.zone)
    shown = formats.date_format(when, "DATETIME_FORMAT")
    return _("«%(title)s» goes out at %(when)s.") % {"title": row.title, "when": shown}


def _unschedule(row: Delivery, user: User, _data: _Data) -> str:
    control.unschedule(row.pk, actor=user)
    return _("«%(title)s» is ready and waits for you.") % {"title": row.title}


def _ask_pause(row: Delivery) -> Question:
    found = progress.known(row)
    waits = _("%(left)s wait until it is resumed; nothing goes out from within 5 seconds on.")
    return Question(
        _("Pause «%(title)s»?") % {"title": row.title}, [waits % {"left": grouped(found.left)}] if found else []
    )


def _pause(row: Delivery, user: User, _data: _Data) -> str:
    control.pause(row.pk, actor=user)
    return _("«%(title)s» is paused.") % {"title": row.title}


def _resume(row: Delivery, user: User, _data: _Data) -> str:
    control.resume(row.pk, actor=user)
    return _("«%(title)s» goes on.") % {"title": row.title}


def _ask_stop(row: Delivery) -> Question:
    found = progress.known(row)
    numbers = {"done": found.tried, "size": found.size, "left": found.left} if found else {}
    sentence = _("%(done)s of %(size)s are written to. The other %(left)s will not be.")
    return Question(
        _("Stop «%(title)s»?") % {"title": row.title},
        [sentence % {name: grouped(number) for name, number in numbers.items()}] if numbers else [],
        warning=_("This cannot be undone."),
    )


def _stop(row: Delivery, user: User, _data: _Data) -> str:
    control.stop(row.pk, actor=user)
    return _("«%(title)s» is stopped.") % {"title": row.title}


def _retry(row: Delivery, user: User, _data: _Data) -> str:
    control.retry(row.pk, actor=user)
    return _("«%(title)s» is ready and waits for you.") % {"title": row.title}


def _ask_delete(row: Delivery) -> Question:
    return Question(
        _("Delete «%(title)s»?") % {"title": row.title},
        [_("Its message, its labels and its place in the lists go; its recipients stay in the database.")],
        warning=_("This cannot be undone."),
    )


def _delete(row: Delivery, user: User, _data: _Data) -> str:
    control.delete(row.pk, actor=user)
    return _("«%(title)s» is deleted.") % {"title": row.title}


def _in_doubt(row: Delivery) -> int:
    found = progress.known(row)
    return found.doubtful if found else 0


def _ask_resolve(row: Delivery, title: str) -> Question:
    number = _in_doubt(row)
    sentence = ngettext(
        "%(n)s message was handed over, and the answer was lost.",
        "%(n)s messages were handed over, and the answer was lost.",
        number,
    )
    return Question(title, [sentence % {"n": grouped(number)}])


def _resolve(row: Delivery, user: User, how: str) -> str:
    control.resolve(row.pk, how, actor=user)
    return _("The messages in doubt are settled.")


def _simple(title: StrOrPromise) -> Any:
    return lambda row: Question(str(title) % {"title": row.title})


DIALOGS = (
    Dialog(
        "start",
        lazy("Send now"),
        "send",
        _ask_start,
        _start,
        offered=_startable,
        variant="primary",
    ),
    Dialog("pause", lazy("Pause"), "pause", _ask_pause, _pause, offered=_in(_S.SENDING)),
    Dialog(
        "resume",
        lazy("Resume"),
        "play_arrow",
        _simple(lazy("Go on with «%(title)s»?")),
        _resume,
        offered=_in(_S.PAUSED),
        variant="primary",
    ),
    Dialog(
        "schedule",
        lazy("Schedule"),
        "schedule",
        _ask_schedule,
        _schedule,
        offered=_startable,
        form=WhenForm,
        initial=_planned,
    ),
    Dialog(
        "unschedule",
        lazy("Back to ready"),
        "undo",
        _simple(lazy("Take «%(title)s» off the schedule?")),
        _unschedule,
        offered=_in(_S.SCHEDULED),
    ),
    Dialog("stop", lazy("Stop"), "stop", _ask_stop, _stop, offered=_in(_S.SENDING, _S.PAUSED), variant="danger"),
    Dialog(
        "resend",
        lazy("Resend what is in doubt"),
        "forward_to_inbox",
        lambda row: _ask_resolve(row, _("Send them again? Whoever did get the mail gets it twice.")),
        lambda row, user, _data: _resolve(row, user, "resend"),
        offered=lambda row: row.status in {_S.SENDING, _S.PAUSED, _S.SENT} and _in_doubt(row) > 0,
    ),
    Dialog(
        "mark-sent",
        lazy("Mark as sent"),
        "done_all",
        lambda row: _ask_resolve(row, _("Count them as delivered?")),
        lambda row, user, _data: _resolve(row, user, "sent"),
        offered=lambda row: row.status in {_S.SENDING, _S.PAUSED, _S.SENT} and _in_doubt(row) > 0,
    ),
    Dialog(
        "retry",
        lazy("Retry"),
        "replay",
        lambda row: Question(
            _("Take «%(title)s» back to ready?") % {"title": row.title}, [row.note] if row.note else []
        ),
        _retry,
        offered=_in(_S.FAILED),
    ),
    describe.DIALOG,
    Dialog(
        "delete",
        lazy("Delete"),
        "delete",
        _ask_delete,
        _delete,
        offered=lambda row: row.status in DELETABLE and not progress.about_to_start(row),
        variant="danger",
        leaves=True,
    ),
)
