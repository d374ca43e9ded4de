"""One attempt at a run: taken as far as it goes, and every way in which it stops (reference 1, 4.1)."""

import threading
from types import TracebackType
from typing import Any, Final, Self

import psycopg
import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from deliveries import conf
from deliveries.errors import BundleError, ClientError, LeaseLost, LockedError, ServiceError
from deliveries.intake.mistakes import MOST_PROBLEMS, unplaced
from deliveries.intake.parsing import parse
from deliveries.intake.runs import transitions
from deliveries.intake.runs.archive import SemaphoreStays
from deliveries.intake.runs.endings import fail, finish
from deliveries.intake.runs.process import process
from deliveries.intake.runs.receive import DuplicateHeld
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import ConnectionFailed, RequestRefused
from deliveries.models import ProcessingRun, RunFile, RunStatus, SubStatus
from recipients.faults import Fault

MOST_INTERRUPTIONS: Final = 10  # times that its whole cluster ended under it, which need not be the run's fault
# COPY raises psycopg's own.
_DATABASE_AWAY: Final = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
_DATABASE_TRIES: Final = 30  # a second apart


class _CountedCrash:
    """What nobody foresaw is a crash of the run: counted, and the error goes on to the log."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, (*_DATABASE_AWAY, LeaseLost)):
            transitions.count_crash(self._run)


def attempt(run: RunContext) -> None:
    """Take a run as far as it goes; what stops it is written down. Raises LeaseLost and database errors only."""
    with structlog.contextvars.bound_contextvars(run=run.row.pk, space=run.space.pk):  # in each line of the log
        _attempt(run)


def _attempt(run: RunContext) -> None:
    try:
        with _CountedCrash(run):
            _claim_and_process(run)
    except _DATABASE_AWAY:
        # Django would hand the dead one out again.
        connection.close()
        _database_away(run)
        if _waited_too_long(run.row):
            fail(run, SubStatus.SERVER_COMMUNICATION_ERROR, Fault.of("DATABASE_AWAY.too_long"))


def _claim_and_process(run: RunContext) -> None:
    transitions.claim(run)
    if run.row.crashes >= conf.MAX_CRASHES or run.row.interruptions >= MOST_INTERRUPTIONS:
        crashed = run.row.crashes >= conf.MAX_CRASHES
        fail(run, SubStatus.QUARANTINED, Fault.of("QUARANTINED.crashed" if crashed else "QUARANTINED.cut_short"))
        return
    try:
        process(run)
        finish(run)
    except LeaseLost:
        raise  # a ServiceError by family, but nothing to wait for: another worker has the run
    except DuplicateHeld as duplicate:
        kept = duplicate.fault.as_json()
        transitions.hold(
            run, duplicate.fault, code=duplicate.code, fault=kept, duplicate_of=duplicate.first, mailed_at=None
        )
        finish(run)
    except LockedError as error:
        _wait_or_fail(run, error)
    except BundleError as error:
        fail(run, SubStatus(error.sub_status), error.fault, _all_of(error))
    except ClientError as error:
        mistake = unplaced(error, run.row.file)
        fail(run, SubStatus.XMLD_CONFIGURATION_ERROR, mistake.fault, _all_of(mistake))
    except (SemaphoreStays, RequestRefused) as error:
        fail(run, SubStatus.SERVER_COMMUNICATION_ERROR, error.fault)
    except ServiceError as error:
        server_away(run, error)


def server_away(run: RunContext, error: ServiceError) -> None:
    """Leave the run to the next polls; after 30 minutes without its server it ends in SERVER_COMMUNICATION_ERROR.

    What is ours to mend (a full disk) is waited for without an end: the client's bundle is not at fault.
    """
    # The listing failed before any attempt of this poll: the row is still under an older epoch.
    if run.row.epoch != run.lease.epoch:
        transitions.claim(run)
    if isinstance(error, (ConnectionFailed, RequestRefused)) and _waited_too_long(run.row):
        fail(run, SubStatus.SERVER_COMMUNICATION_ERROR, error.fault)
    else:
        transitions.put_off(run, error)


def _all_of(error: BundleError) -> list[dict[str, Any]]:
    return [each.as_json() for each in (error.problems or (error,))[:MOST_PROBLEMS]]


def _wait_or_fail(run: RunContext, error: LockedError) -> None:
    """Wait for the lock where the bundle asks for it, else the client sends again (reference 3.4)."""
    if _may_wait_for_lock(run):
        transitions.wait(run, SubStatus.LOCK_WAIT, error.fault)
    else:
        fail(run, SubStatus.XMLD_CONFIGURATION_ERROR, error.fault)


def _may_wait_for_lock(run: RunContext) -> bool:
    """Return whether the bundle asks to wait for the lock, and has not waited for too long (a day, as a rule)."""
    row = ProcessingRun.objects.get(pk=run.row.pk)
    if row.sub_status == SubStatus.LOCK_WAIT and row.waiting_since is not None:
        return timezone.now() - row.waiting_since < conf.lock_retry_longest()
    file = RunFile.objects.filter(run=row, role="xml").first()
    if file is None or row.status != RunStatus.LOADING:
        return False
    try:
        # Whether it may wait is said in the file alone.
        return parse(file.place.read_bytes(), row.file).recipients.retry
    except BundleError:
        return False


def _waited_too_long(row: ProcessingRun) -> bool:
    """Return whether the run has waited for its server for 30 minutes without a new step."""
    since = None if row.sub_status == SubStatus.LOCK_WAIT else row.waiting_since
    return since is not None and timezone.now() - since >= conf.SERVER_TROUBLE_LONGEST


def _database_away(run: RunContext) -> None:
    """Note, as soon as the database answers again, that the attempt did not crash; give up after half a minute."""
    pause = threading.Event()
    for _try in range(_DATABASE_TRIES):
        try:
            # The row says then that nobody works it: the next claim counts no crash.
            transitions.put_off(run, ServiceError("DATABASE_AWAY"))
        except (DatabaseError, InterfaceError):
            connection.close()
            pause.wait(1.0)
        else:
            return
    raise LeaseLost(f"run {run.row.pk}")
