"""What people may do with a space: pause, resume, poll now, pin a host key; one conditional UPDATE each."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from deliveries import audit, queue
from deliveries.audit import Verb
from deliveries.intake.sftp.connect import key_fingerprint
from deliveries.models import SftpSpace
from deliveries.models.functions import DatabaseNow
from recipients.models import User

# As long as the clock believes that a queued poll still waits.
_QUEUED: Final = timedelta(seconds=60)
# What a poll says of a server whose key is not pinned, or another than before: it pauses the space.
_KEY_UNKNOWN: Final = "HOST_KEY_CHANGED"


def pause(space: SftpSpace, *, actor: User) -> None:
    """Poll it no more until it is resumed."""
    with transaction.atomic():
        if SftpSpace.objects.filter(pk=space.pk, paused_at=None).update(paused_at=timezone.now()):
            audit.record(space.account_id, actor, Verb.SPACE_PAUSED, space)


def resume(space: SftpSpace, *, actor: User) -> None:
    """Poll it again, at once."""
    with transaction.atomic():
        changed = SftpSpace.objects.filter(pk=space.pk, paused_at__isnull=False)
        if changed.update(paused_at=None, next_poll_at=timezone.now()):
            audit.record(space.account_id, actor, Verb.SPACE_RESUMED, space)


def poll_now(space: SftpSpace, *, actor: User) -> bool:
    """Queue a poll as the clock does; False where a poll waits or works already, or the space is paused."""
    not_waiting = Q(queued_at=None) | Q(queued_at__lt=DatabaseNow() - _QUEUED) | Q(queued_at__gt=DatabaseNow())
    at_rest = Q(lease_until=None) | Q(lease_until__lt=DatabaseNow())
    with transaction.atomic():
        due = SftpSpace.objects.filter(not_waiting, at_rest, pk=space.pk, paused_at=None)
        queued = due.update(queued_at=DatabaseNow(), next_poll_at=DatabaseNow())
        if queued:
            audit.record(space.account_id, actor, Verb.SPACE_POLLED, space)
            queue.enqueue(queue.POLL_SPACE, space.pk)
    return bool(queued)


def pin_key(space: SftpSpace, key: str, *, actor: User) -> bool:
    """Make this the space's only known key ("type base64"); False where it stays paused for another reason.

    It is polled at once: the pause that an unknown key brought ends with it. An embedded space keeps its own key.
    """
    with transaction.atomic():
        mine = SftpSpace.objects.filter(pk=space.pk)
        if mine.filter(embedded=False).update(host_key=key, next_poll_at=DatabaseNow()):
            audit.record(
                space.account_id, actor, Verb.SPACE_KEY_PINNED, space, {"fingerprint": key_fingerprint(key)}
            )
            if mine.filter(paused_at__isnull=False, last_error_code=_KEY_UNKNOWN).update(paused_at=None):
                audit.record(space.account_id, actor, Verb.SPACE_RESUMED, space)
        return mine.filter(paused_at=None).exists()
