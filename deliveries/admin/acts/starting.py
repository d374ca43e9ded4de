"""When it goes: now, with a minute to take it back, or at a time; and back to ready."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from deliveries import audience, conf
from deliveries.admin.deliveries import progress
from deliveries.errors import ClientError
from deliveries.models import Delivery, DeliveryStatus
from deliveries.sending.lifecycle import control
from deliveries.sending.lifecycle.preflight import Level, Report, preflight
from recipients.admin.badges import grouped
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User

_S: Final = DeliveryStatus
_Data = dict[str, Any]


def _startable(row: Delivery) -> bool:
    """Return whether it may still be told when to go; what is due already is being started."""
    return row.status in {_S.READY, _S.SCHEDULED} and not progress.about_to_start(row)


class StartForm(forms.Form):
    """Above the account's limit, the number of people that was read."""

    number = forms.CharField(label=lazy("Number of people"), max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = self.initial.pop("people", 0)
        if not self.initial.pop("asks", False):
            del self.fields["number"]
        else:
            said = _("Type %(n)s: it is more than the %(most)s above which the account asks.")
            numbers = {"n": grouped(self.people), "most": grouped(self.initial.pop("most"))}
            self.fields["number"].help_text = said % numbers

    def clean_number(self) -> str:
        """Refuse another number, however it is grouped."""
        typed = "".join(filter(str.isdigit, self.cleaned_data["number"]))
        if typed != str(self.people):
            raise forms.ValidationError(_("Type %(n)s to send it.") % {"n": grouped(self.people)})
        return typed


def _asks(row: Delivery, _user: User) -> dict[str, Any]:
    most = row.account.ask_above
    try:
        people = audience.expected(row).reached
    except ClientError:
        people = 0
    return {"people": people, "asks": people > most, "most": most}


def _ask_start(row: Delivery) -> Question:
    report = preflight(row)
    if report.expected is None or report.level is Level.STOP:
        title = _("«%(title)s» can't go out yet") % {"title": row.title}
        return Question(title, points=_points(report), go=False)
    people = report.expected.reached
    title = ngettext("Send «%(title)s» to %(n)s person now?", "Send «%(title)s» to %(n)s people now?", people)
    sentences = [*_left_out(report.expected)]
    if conf.undo_seconds():
        said = _("It goes out after %(n)s seconds, in which you can take it back.")
        sentences.append(said % {"n": conf.undo_seconds()})
    return Question(title % {"title": row.title, "n": grouped(people)}, sentences, points=_points(report))


def _points(report: Report) -> list[tuple[str, str]]:
    """Return what is in its way, what is worth a look, and when it was tested; the rest needs no question."""
    tested = [each for each in report.at(Level.FINE) if each.code == "TESTED"]
    return [(f.level.value, f.sentence) for f in (*report.at(Level.STOP), *report.at(Level.LOOK), *tested)]


def _left_out(found: audience.Expected) -> list[str]:
    """Return who will not get it, a sentence a reason; nothing where there is nobody."""
    sentences = (
        (found.listed, _("%(n)s are on the blacklist and will be left out.")),
        (found.unsubscribed, _("%(n)s have unsubscribed and will be left out.")),
        (found.repeated, _("%(n)s are repetitions of an address and will be left out.")),
    )
    return [sentence % {"n": grouped(number)} for number, sentence in sentences if number]


def _start(row: Delivery, user: User, _data: _Data) -> str:
    stops = preflight(row).at(Level.STOP)
    if stops:
        raise ClientError(stops[0].code, stops[0].sentence)
    waits = 0 if progress.goes_soon(row) else conf.undo_seconds()
    control.start(row.pk, actor=user, grace=timedelta(seconds=waits))
    if waits:
        said = _("«%(title)s» goes out in %(n)s seconds; until then you can take it back.")
        return said % {"title": row.title, "n": waits}
    return _("«%(title)s» is going out.") % {"title": row.title}


class WhenForm(forms.Form):
    """A date and a time as text, which the service reads in the account's zone, as it reads a bundle's."""

    when = forms.CharField(
        label=lazy("When"), max_length=40, widget=forms.TextInput(attrs={"type": "datetime-local", "step": "60"})
    )


def _planned(row: Delivery, _user: User) -> dict[str, Any]:
    """Return the time at which it goes now, or that the bundle proposed; none that has passed meanwhile."""
    at = row.start_at or row.proposed_at
    return {"when": f"{at.astimezone(row.account.zone):%Y-%m-%dT%H:%M}"} if at and at > timezone.now() else {}


def _people(row: Delivery) -> str:
    """Return how many people it goes to now, or why nobody can tell."""
    try:
        return grouped(audience.expected(row).reached)
    except ClientError as error:
        return error.message


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


DIALOGS: Final = (
    Dialog(
        "start",
        lazy("Send now"),
        "send",
        _ask_start,
        _start,
        offered=_startable,
        form=StartForm,
        initial=_asks,
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
        lambda row: Question(
            _("Take «%(title)s» off the schedule?") % {"title": row.title},
            [_("It then waits, ready, until somebody sends or schedules it.")],
        ),
        _unschedule,
        offered=lambda row: row.status == _S.SCHEDULED,
    ),
)
