"""While it goes out: pause, resume, stop, and what is in doubt."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from deliveries.admin.deliveries import progress
from deliveries.models import Delivery, DeliveryStatus
from deliveries.sending.lifecycle import control
from recipients.admin.badges import grouped
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User

_S: Final = DeliveryStatus
_Data = dict[str, Any]
_DOUBTFUL: Final = frozenset({_S.SENDING, _S.PAUSED, _S.SENT})


def _ask_pause(row: Delivery) -> Question:
    found = progress.of_row(row)
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
    found = progress.of_row(row)
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


def _in_doubt(row: Delivery) -> int:
    found = progress.of_row(row)
    return found.doubtful if found else 0


def _is_doubtful(row: Delivery) -> bool:
    return row.status in _DOUBTFUL and _in_doubt(row) > 0


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


DIALOGS: Final = (
    Dialog("pause", lazy("Pause"), "pause", _ask_pause, _pause, offered=lambda row: row.status == _S.SENDING),
    Dialog(
        "resume",
        lazy("Resume"),
        "play_arrow",
        lambda row: Question(_("Go on with «%(title)s»?") % {"title": row.title}),
        _resume,
        offered=lambda row: row.status == _S.PAUSED,
    ),
    Dialog(
        "stop",
        lazy("Stop"),
        "stop",
        _ask_stop,
        _stop,
        offered=lambda row: row.status in {_S.SENDING, _S.PAUSED},
        variant="danger",
    ),
    Dialog(
        "resend",
        lazy("Resend what is in doubt"),
        "forward_to_inbox",
        lambda row: _ask_resolve(row, _("Send them again? Whoever did get the mail gets it twice.")),
        lambda row, user, _data: _resolve(row, user, "resend"),
        offered=_is_doubtful,
    ),
    Dialog(
        "mark-sent",
        lazy("Mark as sent"),
        "done_all",
        lambda row: _ask_resolve(row, _("Count them as delivered?")),
        lambda row, user, _data: _resolve(row, user, "sent"),
        offered=_is_doubtful,
    ),
)
