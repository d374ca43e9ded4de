"""What may be done with a space: pause, resume, poll now."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.intake.polling import control
from deliveries.models import SftpSpace
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User


def _pause(space: SftpSpace, user: User, _data: dict[str, Any]) -> str:
    control.pause(space, actor=user)
    return _("«%(name)s» is not polled until you resume it.") % {"name": space.name}


def _resume(space: SftpSpace, user: User, _data: dict[str, Any]) -> str:
    control.resume(space, actor=user)
    return _("«%(name)s» is polled again.") % {"name": space.name}


def _poll_now(space: SftpSpace, user: User, _data: dict[str, Any]) -> str:
    if control.poll_now(space, actor=user):
        return _("«%(name)s» is being polled.") % {"name": space.name}
    return _("«%(name)s» is being polled already, or is paused.") % {"name": space.name}


DIALOGS = (
    Dialog(
        "poll-now",
        lazy("Poll now"),
        "sync",
        lambda row: Question(
            _("Look at «%(name)s» now?") % {"name": row.name}, [_("Bundles whose semaphore is there are worked.")]
        ),
        _poll_now,
        offered=lambda row: not row.paused_at,
    ),
    Dialog(
        "pause",
        lazy("Pause"),
        "pause",
        lambda row: Question(
            _("Pause «%(name)s»?") % {"name": row.name}, [_("Bundles wait on the space until it is resumed.")]
        ),
        _pause,
        offered=lambda row: not row.paused_at,
    ),
    Dialog(
        "resume",
        lazy("Resume"),
        "play_arrow",
        lambda row: Question(_("Poll «%(name)s» again?") % {"name": row.name}),
        _resume,
        offered=lambda row: bool(row.paused_at),
        variant="primary",
    ),
)
