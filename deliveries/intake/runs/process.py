"""One run worked as far as it goes, and every way in which it stops (reference 1.3, 4.1)."""

from types import TracebackType
from typing import Final, Self

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from deliveries import conf, queue
from deliveries.errors import BundleError, ClientError, LeaseLost, LockedError, ServiceError
from deliveries.intake.rules.sentences import unplaced
from deliveries.intake.runs import archive, load, receive, transitions, waiting, xml_report
from deliveries.intake.runs.receive import Held
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import ConnectionFailed, RequestRefused
from deliveries.models import ProcessingRun, RunStatus, SubStatus

THIRD_CRASH: Final = "this run crashed three times and is set aside: have the log read, then retry it"
TOO_OFTEN: Final = "this run was cut short ten times and is set aside: see why the machine ends, then retry it"
AWAY_TOO_LONG: Final = "the database went away again and again for 30 minutes: retry the run when it stands"
MOST_DEATHS: Final = 10
# COPY raises psycopg's own.
_AWAY: Final = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


class _Attempt:
    """What nobody foresaw is a crash of the run: counted, and the error goes on to the log."""

    def __init__(self, work: RunContext) -> None:
        self._work = work

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, (*_AWAY, LeaseLost)):
            transitions.crashed(self._work)


def work_on(work: RunContext) -> None:
    """Take a run as far as it goes; what stops it is written down. Raises LeaseLost and database errors only."""
    try:
        with _Attempt(work):
            _worked(work)
    except _AWAY:
        connection.close()
        waiting.database_away(work)
        if waiting.too_long(work.run):
            fail(work, SubStatus.SERVER_COMMUNICATION_ERROR, "DATABASE_AWAY", AWAY_TOO_LONG)


def _worked(work: RunContext) -> None:
    transitions.claim(work)
    if work.run.attempts >= conf.MAX_ATTEMPTS or work.run.deaths >= MOST_DEATHS:
        sentence = THIRD_CRASH if work.run.attempts >= conf.MAX_ATTEMPTS else TOO_OFTEN
        fail(work, SubStatus.QUARANTINED, "QUARANTINED", sentence)
        return
    try:
        instructions, references = receive.receive(work)
        load.prepare(work, instructions, references)
        finish(work)
    except LeaseLost:
        raise
    except Held as held:
        _hold(work, held)
    except LockedError as error:
        _locked(work, error)
    except BundleError as error:
        fail(work, SubStatus(error.sub_status), error.code, error.message, _problems(error))
    except ClientError as error:
        mistake = unplaced(error, work.run.file)
        fail(work, SubStatus.XMLD_CONFIGURATION_ERROR, mistake.code, mistake.message, _problems(mistake))
    except archive.SemaphoreStays as error:
        fail(work, SubStatus.SERVER_COMMUNICATION_ERROR, error.code, error.message)
    except RequestRefused as error:
        fail(work, SubStatus.SERVER_COMMUNICATION_ERROR, error.code, error.message)
    except ServiceError as error:
        server_away(work, error)


def server_away(work: RunContext, error: ServiceError) -> None:
    """Leave the run to the next polls; after 30 minutes without its server it ends in SERVER_COMMUNICATION_ERROR.

    What is ours to mend (a full disk) is waited for without an end: the client's bundle is not at fault.
    """
    if work.run.epoch != work.lease.epoch:
        transitions.claim(work)
    if isinstance(error, (ConnectionFailed, RequestRefused)) and waiting.too_long(work.run):
        fail(work, SubStatus.SERVER_COMMUNICATION_ERROR, error.code, error.message)
    else:
        transitions.trouble(work, error)


def _problems(error: BundleError) -> list[dict[str, object]]:
    keys = ("code", "file", "line", "element", "message")
    return [{key: getattr(each, key) for key in keys} for each in (error.problems or (error,))[:20]]


def _hold(work: RunContext, held: Held) -> None:
    transitions.hold(
        work, held.message, code=held.code, error=held.message, duplicate_of=held.first, mailed_at=None
    )
    finish(work)


def _locked(work: RunContext, error: LockedError) -> None:
    """Wait for the lock where the bundle asks for it, else the client sends again (reference 3.4)."""
    if waiting.may_wait(work):
        transitions.wait(work, SubStatus.LOCK_WAIT, error.message, ring=True)
    else:
        fail(work, SubStatus.XMLD_CONFIGURATION_ERROR, error.code, error.message)


def fail(
    work: RunContext,
    sub_status: SubStatus,
    code: str,
    message: str,
    problems: list[dict[str, object]] | None = None,
) -> None:
    """End a run in ERROR: its semaphore goes first, its rows and filter are taken back with the end."""
    work.run.refresh_from_db()
    gone = work.run.semaphore_gone or _semaphore_gone(work)
    with transaction.atomic():
        load.take_back(work.run)
        transitions.end(
            work,
            RunStatus.ERROR,
            sub_status,
            message,
            code=code,
            error=message,
            first_error=work.run.first_error or message,
            problems=problems or [],
            semaphore_gone=gone,
            filter=None,
            test_filter=None,
        )
    finish(work)


def _semaphore_gone(work: RunContext) -> bool:
    """Remove the semaphore of a run that failed; a later poll tries again where that fails now."""
    try:
        archive.remove_semaphore(work)
    except (archive.SemaphoreStays, ConnectionFailed, RequestRefused):
        return False
    return True


def finish(work: RunContext) -> None:
    """Tell who asked to hear: the report on the space, the summary by mail; then the files are settled."""
    run = ProcessingRun.objects.get(pk=work.run.pk)
    waits_for_somebody = run.sub_status in {SubStatus.DUPLICATE_HELD, SubStatus.QUARANTINED}
    if ("email" in work.space.reports or waits_for_somebody) and work.space.notify and run.mailed_at is None:
        queue.enqueue(queue.SEND_SUMMARY, run.pk)
    try:
        warning = archive.try_to_settle(work) if run.semaphore_gone else ""
        if warning:
            ProcessingRun.objects.filter(pk=run.pk).update(warnings=[*run.warnings, warning])
        xml_report.try_to_write(work, final=True)
    except ConnectionFailed:
        return  # the next good poll writes it
    except DatabaseError:
        connection.close()
