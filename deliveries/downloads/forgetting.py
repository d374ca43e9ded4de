"""Exports that go: past their time, or of an account in which a person is erased."""

from datetime import datetime

from django.db.models import QuerySet

from deliveries import conf
from deliveries.downloads.making import place_of
from deliveries.models import Download


def forget_older(before: datetime) -> int:
    """Delete the exports that were asked for before a time, with their files; return how many."""
    for half in conf.downloads().glob(".*"):  # of a task that was killed
        if half.stat().st_mtime < before.timestamp():
            half.unlink(missing_ok=True)
    return _forget(Download.objects.filter(created_at__lt=before))


def forget_of_account(account_id: int) -> int:
    """Delete all exports of an account: any of them may hold a person who is erased."""
    return _forget(Download.objects.filter(account=account_id))


def _forget(rows: QuerySet[Download]) -> int:
    gone = 0
    for row in rows.iterator():
        place_of(row).unlink(missing_ok=True)
        row.delete()
        gone += 1
    return gone
