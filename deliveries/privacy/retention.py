"""What is past its retention goes (reference 10): by the command `prune`, and once a day. Safe to break off."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import Failure

from deliveries import conf
from deliveries.downloads import forgetting
from deliveries.intake.runs import spool
from deliveries.statistics import pruning
from recipients.models import Invitation


def prune() -> dict[str, int]:
    """Delete all that is past its retention; return how much of each kind went."""
    now = timezone.now()
    return {
        "files": spool.forget_files(now - conf.keep_bundles()) if spool.spool_is_there() else 0,
        "row_errors": spool.forget_row_errors(now - conf.keep_row_errors()),
        "uploads": forget_uploads(now - conf.KEEP_UPLOADS),
        "downloads": forgetting.forget_older(now - conf.keep_downloads()),
        "months_of_hits": pruning.drop_months("deliveries_hit", now - conf.keep_ip_addresses()),
        "ip_addresses": pruning.forget_ip_addresses(now - conf.keep_ip_addresses()),
        "months_of_events": pruning.drop_months("deliveries_event", now - conf.keep_events()),
        "event_keys": pruning.forget_keys(now - conf.keep_messages()),
        "messages": pruning.forget_messages(now - conf.keep_messages()),
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "invitations": Invitation.objects.filter(created_at__lt=now - conf.KEEP_INVITATIONS).delete()[0],
        # What a library says of its failure may quote what it failed at.
        "failed_tasks": Failure.objects.filter(stopped__lt=now - conf.keep_bundles()).delete()[0],
    }


def forget_uploads(before: datetime) -> int:
    """Delete the files that pages took before a time and that nobody confirmed since; return how many."""
    folder, gone = conf.uploads(), 0
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.stat().st_mtime < before.timestamp():
            file.unlink(missing_ok=True)
            gone += 1
    return gone
