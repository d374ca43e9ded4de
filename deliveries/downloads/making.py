"""An export that is asked for, made and told of; the task is safe to run twice."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from deliveries import conf, queue
from deliveries.downloads.rows import rows_of
from deliveries.durable_files import written_aside
from deliveries.errors import ClientError, ServiceError
from deliveries.models import Download
from deliveries.models.downloads import DownloadKind, DownloadStatus
from deliveries.relay import operator_mail
from recipients.csv_lines import csv_lines
from recipients.models import User
from recipients.workbook import write_workbook

_ATTEMPTS: Final = 3  # an export that crashed its worker three times will do so again
_SPREADSHEET: Final = ".xlsx"


def ask(
    kind: DownloadKind, name: str, *, account: int, about: str, actor: User, params: Mapping[str, Any]
) -> Download:
    """Queue an export; `name` is the file's, whose ending is its format, `about` what it is of."""
    with transaction.atomic():
        row = Download.objects.create(
            account_id=account, asked_by=actor, kind=kind, params=dict(params), name=name, about=about,
            queued_at=timezone.now(),
        )  # fmt: skip
        queue.enqueue(queue.MAKE_DOWNLOAD, row.pk)
    return row


def make(download_id: int) -> str:
    """Write the file, and mail to whoever asked; return what became of it."""
    waiting = Download.objects.filter(pk=download_id, status=DownloadStatus.WAITING)
    if not waiting.update(attempts=F("attempts") + 1):
        return f"download {download_id}: nothing to make"
    row = Download.objects.select_related("asked_by").get(pk=download_id)
    if row.attempts > _ATTEMPTS:
        waiting.update(status=DownloadStatus.FAILED)
        return f"download {download_id} failed: three tries ended half-way"
    try:
        size = _write(row)
    except (ClientError, OSError) as error:
        waiting.update(status=DownloadStatus.FAILED)
        return f"download {download_id} failed: {error}"
    if not waiting.update(status=DownloadStatus.READY, size=size, ready_at=timezone.now()):
        if not Download.objects.filter(pk=download_id).exists():
            place_of(row).unlink(missing_ok=True)
        return f"download {download_id}: another made it, or it was deleted"
    return f"download {download_id}: {size} bytes, {_tell(row)}"


def place_of(row: Download) -> Path:
    """Return where its file lies once it is ready."""
    return conf.downloads() / str(row.pk)


def _write(row: Download) -> int:
    """Write beside its place, then move it there: a file with its name is whole."""
    place = place_of(row)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with written_aside(place, durable=False) as file:
        if row.name.endswith(_SPREADSHEET):
            write_workbook(file, [(row.about, rows_of(row))])
        else:
            file.writelines(line.encode() for line in csv_lines(rows_of(row), mark=True))
    return place.stat().st_size


def _tell(row: Download) -> str:
    person = row.asked_by
    if person is None or not person.email:
        return "nobody to mail to"
    with translation.override(person.language or None):
        subject = _("“%(name)s” is ready") % {"name": row.name}
        days = conf.keep_downloads().days
        lines = [
            _("The file “%(name)s” of %(about)s is under Downloads for %(days)s days:")
            % {"name": row.name, "about": row.about, "days": days},
            f"{conf.admin_url()}/deliveries/download/",
        ]
    try:
        operator_mail.hand_over(operator_mail.draft([person.email], subject, lines))
    except ServiceError as error:
        return error.message
    return "mailed"
