"""Runs that wait for a server, a database or a lock, and for how long (reference 1.3, 2.2)."""

import threading

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from deliveries import conf
from deliveries.errors import BundleError, LeaseLost, ServiceError
from deliveries.intake.parsing import parse
from deliveries.intake.runs import transitions
from deliveries.intake.runs.transitions import RunContext
from deliveries.models import ProcessingRun, RunFile, RunStatus, SubStatus

_DATABASE_TRIES = 30


def too_long(run: ProcessingRun) -> bool:
    """Whether the run has waited for its server for 30 minutes without a new step."""
    since = None if run.sub_status == SubStatus.LOCK_WAIT else run.waiting_since
    return since is not None and timezone.now() - since >= conf.SERVER_TROUBLE_LONGEST


def database_away(work: RunContext) -> None:
    """Say, as soon as the database answers again, that the attempt was no crash; give up after half a minute."""
    for _try in range(_DATABASE_TRIES):
        try:
            transitions.trouble(work, ServiceError("DATABASE_AWAY", "the database was away: the run goes on"))
        except (DatabaseError, InterfaceError):
            connection.close()
            threading.Event().wait(1.0)
        else:
            return
    raise LeaseLost(f"run {work.run.pk}")


def may_wait(work: RunContext) -> bool:
    """Whether the bundle asks to wait for the lock, and has not waited for too long (a day, as a rule)."""
    run = ProcessingRun.objects.get(pk=work.run.pk)
    if run.sub_status == SubStatus.LOCK_WAIT and run.waiting_since is not None:
        return timezone.now() - run.waiting_since < conf.lock_retry_longest()
    file = RunFile.objects.filter(run=run, role="xml").first()
    if file is None or run.status != RunStatus.LOADING:
        return False
    try:
        return parse(file.place.read_bytes(), run.file).recipients.retry
    except BundleError:
        return False
