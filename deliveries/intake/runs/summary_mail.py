"""Mails about runs, to who is named on their space (reference 4.2): one a run, or one for many that failed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from deliveries import conf
from deliveries.errors import ServiceError
from deliveries.models import ProcessingRun, RunStatus, SftpSpace, SubStatus
from deliveries.models.functions import DatabaseNow
from deliveries.models.spaces import MOST_MAILBOXES
from deliveries.relay import operator_mail

MOST_FAILED: Final = 10  # mails of one space within WITHIN; what fails after them comes in one mail
WITHIN: Final = timedelta(hours=1)
_MOST_LISTED: Final = 100  # lines of that mail; the number of the others is said


def render(row: ProcessingRun) -> EmailMultiAlternatives:
    """Return the summary in the account's language of reports: status, counts, error, warnings, links."""
    with translation.override(row.account.report_language):
        return operator_mail.draft(_people(row.space), f"XML Delivery: {row.file} {row.status}", _lines(row))


def render_collected(space: SftpSpace, rows: Sequence[ProcessingRun]) -> EmailMultiAlternatives:
    """Return the mail about runs that failed one after the other, in the same language."""
    with translation.override(space.account.report_language):
        about = {"n": len(rows), "space": space.name}
        lines = [_("%(n)s runs on space %(space)s failed and were not mailed one by one.") % about, ""]
        for row in rows[:_MOST_LISTED]:
            named = {"run": row.pk, "file": row.file, "error": f"{row.code}: {row.error}"}
            lines.append(_("Run %(run)s, %(file)s: %(error)s") % named)
        if len(rows) > _MOST_LISTED:
            lines.append(_("and %(n)s more") % {"n": len(rows) - _MOST_LISTED})
        lines += ["", _("The runs: %(link)s") % {"link": f"{conf.admin_url()}/deliveries/processingrun/"}]
        subject = _("XML Delivery: %(n)s failed runs on %(space)s") % about
        return operator_mail.draft(_people(space), subject, lines)


def _people(space: SftpSpace) -> list[str]:
    return list(space.notify[:MOST_MAILBOXES])


def _lines(row: ProcessingRun) -> list[str]:
    link = f"{conf.admin_url()}/deliveries"
    about = {"run": row.pk, "file": row.file, "space": row.space.name, "state": f"{row.status} ({row.sub_status})"}
    lines = [_("Run %(run)s of %(file)s on space %(space)s: %(state)s") % about, ""]
    if row.error:
        lines += [f"{row.code}: {row.error}", ""]
    if row.rows_good is not None:
        rows = {"good": row.rows_good, "bad": row.rows_bad or 0}
        lines.append(_("Recipients: %(good)s good rows, %(bad)s bad rows") % rows)
    for name, delivery in ((_("Delivery"), row.delivery_id), (_("Test delivery"), row.test_delivery_id)):
        if delivery:
            lines.append(f"{name} {delivery}: {link}/delivery/{delivery}/change/")
    lines += [_("Warning: %(warning)s") % {"warning": warning} for warning in row.warnings]
    return [*lines, _("The run: %(link)s") % {"link": f"{link}/processingrun/{row.pk}/change/"}]


def send(run_id: int) -> str:
    """Mail it once: the row is claimed before, and given back when the relay did not take it."""
    row = ProcessingRun.objects.select_related("space", "account").filter(pk=run_id, mailed_at=None).first()
    if row is None or not row.space.notify:
        return f"run {run_id}: no summary to mail"
    if _is_collected(row):
        return f"run {run_id}: left to the mail about the failed runs of its space"
    if not ProcessingRun.objects.filter(pk=run_id, mailed_at=None).update(mailed_at=DatabaseNow()):
        return f"run {run_id}: no summary to mail"
    try:
        operator_mail.hand_over(render(row))
    except ServiceError as error:
        ProcessingRun.objects.filter(pk=run_id).update(mailed_at=None)
        return f"run {run_id}: {error.message}"
    return f"run {run_id}: summary mailed to {len(_people(row.space))}"


def _failed(space_id: int) -> QuerySet[ProcessingRun]:
    """Return the runs of a space that failed; one that is set aside waits for a person and is mailed at once."""
    failed = ProcessingRun.objects.filter(space=space_id, status=RunStatus.ERROR, ended_at__isnull=False)
    return failed.exclude(sub_status=SubStatus.QUARANTINED)


def _is_collected(row: ProcessingRun) -> bool:
    """Return whether a failed run is one too many within an hour; from the first such run on its space collects."""
    failed = _failed(row.space_id)
    if row.ended_at is None or not failed.filter(pk=row.pk).exists():
        return False
    if row.space.collecting_since is not None:
        return True
    before = failed.filter(ended_at__range=(row.ended_at - WITHIN, row.ended_at)).exclude(pk=row.pk)
    if before.count() < MOST_FAILED:
        return False
    SftpSpace.objects.filter(pk=row.space_id, collecting_since=None).update(collecting_since=row.ended_at)
    return True


def send_collected(space_id: int) -> str:
    """Mail the failed runs of a space that were not mailed one by one; what the relay does not take is kept."""
    with transaction.atomic():
        # Runs that fail from here on begin to collect anew, and none is in both mails.
        space = SftpSpace.objects.select_for_update().get(pk=space_id)
        since = space.collecting_since
        rows = list(_failed(space_id).filter(mailed_at=None, ended_at__gte=since).order_by("id")) if since else []
        SftpSpace.objects.filter(pk=space_id).update(collecting_since=None)
        mine = ProcessingRun.objects.filter(pk__in=[row.pk for row in rows])
        mine.update(mailed_at=DatabaseNow())
    if not rows or not space.notify:
        return f"space {space_id}: no failed runs to mail"
    try:
        operator_mail.hand_over(render_collected(space, rows))
    except ServiceError as error:
        with transaction.atomic():
            # As if never taken: the next round mails them together with what failed since.
            mine.update(mailed_at=None)
            SftpSpace.objects.filter(pk=space_id).update(collecting_since=since)
        return f"space {space_id}: {error.message}"
    return f"space {space_id}: {len(rows)} failed runs mailed to {len(_people(space))}"
