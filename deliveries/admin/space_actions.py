"""What may be done with a space: pause, resume, poll now."""

from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries import queue
from deliveries.intake.leases import DatabaseNow
from deliveries.models import Activity, SftpSpace
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User

# As long as the clock believes that a queued poll still waits.
QUEUED: Final = timedelta(seconds=60)


def _noted(space: SftpSpace, user: User, verb: str) -> None:
    Activity.objects.create(account_id=space.account_id, actor=user, verb=verb, space=space)


def _pause(space: SftpSpace, user: User, _data: dict[str, Any]) -> str:
    with transaction.atomic():
        if SftpSpace.objects.filter(pk=space.pk, paused_at=None).update(paused_at=timezone.now()):
            _noted(space, user, "space paused")
    return _("«%(name)s» is not polled until you resume it.") % {"name": space.name}


def _resume(space: SftpSpace, user: User, _data: dict[str, Any]) -> str:
    with transaction.atomic():
        changed = SftpSpace.objects.filter(pk=space.pk, paused_at__isnull=False)
        if changed.update(paused_at=None, next_poll_at=timezone.now()):
            _noted(space, user, "space resumed")
    return _("«%(name)s» is polled again.") % {"name": space.name}


def _poll_now(space: SftpSpace, user: User, _data: dict[str, Any]) -> str:
    """Ring as the clock does: one conditional UPDATE, so that a poll that waits or works is not rung twice."""
    not_waiting = Q(queued_at=None) | Q(queued_at__lt=DatabaseNow() - QUEUED) | Q(queued_at__gt=DatabaseNow())
    at_rest = Q(lease_until=None) | Q(lease_until__lt=DatabaseNow())
    with transaction.atomic():
        due = SftpSpace.objects.filter(not_waiting, at_rest, pk=space.pk, paused_at=None)
        rung = due.update(queued_at=DatabaseNow(), next_poll_at=DatabaseNow())
        if rung:
            _noted(space, user, "space polled")
            queue.enqueue(queue.POLL_SPACE, space.pk)
    if not rung:
        return _("«%(name)s» is being polled already, or is paused.") % {"name": space.name}
    return _("«%(name)s» is being polled.") % {"name": space.name}


DIALOGS = (
    Dialog(
        "poll-now",
        lazy("Poll now"),
        "sync",
        lambda row: Question(
            _("Look at «%(name)s» now?") % {"name": row.name}, [_("Bundles whose semaphore lies there are worked.")]
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
