"""The end of a run: what failed is taken back, whoever asked for reports gets them (reference 3.3, 4.2)."""

from typing import Any

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from deliveries import queue
from deliveries.intake.runs import archive, transitions, xml_report
from deliveries.intake.runs.load import FILTER_FIELDS, code_of, holder_of
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import ConnectionFailed, RequestRefused
from deliveries.models import ProcessingRun, RunStatus, SubStatus
from recipients import locks, tables
from recipients.faults import Fault
from recipients.models import Filter


def fail(
    run: RunContext,
    sub_status: SubStatus,
    why: Fault,
    faults: list[dict[str, Any]] | None = None,
) -> None:
    """End a run in ERROR: its semaphore goes first, its rows and filter are taken back with the end."""
    run.row.refresh_from_db()  # a step that was rolled back has left its values in memory
    # Before the transaction, in which no server is waited for. Where it fails the poll tries again.
    gone = run.row.semaphore_gone or _semaphore_gone(run)
    with transaction.atomic():
        _take_back(run.row)
        transitions.end(
            run,
            RunStatus.ERROR,
            sub_status,
            why,
            code=why.code,
            fault=why.as_json(),
            first_fault=run.row.first_fault or why.as_json(),
            faults=faults or [],
            semaphore_gone=gone,
            filter=None,
            test_filter=None,
        )
    finish(run)


def _semaphore_gone(run: RunContext) -> bool:
    """Remove the semaphore of a run that failed; a later poll tries again where that fails now."""
    try:
        archive.remove_semaphore(run)
    except (archive.SemaphoreStays, ConnectionFailed, RequestRefused):
        return False
    return True


def _take_back(row: ProcessingRun) -> None:
    """Delete a failed run's rows and filters, inside the caller's transaction (reference 3.3).

    The lock goes too: that of a worker that died would refuse the next bundle until it lapses.
    """
    if row.database_id is not None:
        locks.release(row.database_id, holder_of(row))
    for kind, field in FILTER_FIELDS.items():
        made = getattr(row, field)
        # A filter of an operator's is chosen, not made: neither it nor its people are the run's to delete.
        if made is None or row.database is None or not made.automatic:
            continue
        column = tables.code_column(row.database)
        if column:
            statement = sql.SQL("DELETE FROM {} WHERE {} = %s").format(
                tables.identifier(row.database), sql.Identifier(column)
            )
            with connection.cursor() as cursor:
                cursor.execute(statement, [code_of(row, kind)])
        Filter.objects.filter(pk=made.pk).delete()


def finish(run: RunContext) -> None:
    """Report to whoever asked for it: the report on the space, the summary by mail; then the files are settled."""
    row = ProcessingRun.objects.get(pk=run.row.pk)
    waits_for_somebody = row.sub_status in {SubStatus.DUPLICATE_HELD, SubStatus.QUARANTINED}
    if ("email" in run.space.reports or waits_for_somebody) and run.space.notify and row.mailed_at is None:
        queue.enqueue(queue.SEND_SUMMARY, row.pk)
    try:
        warning = archive.try_to_settle(run) if row.semaphore_gone else None
        if warning:
            ProcessingRun.objects.filter(pk=row.pk).update(warning_faults=[*row.warning_faults, warning.as_json()])
        xml_report.try_to_write(run, final=True)
    except ConnectionFailed:
        return  # the next good poll writes it
    # The end is committed; what is missing is the report, which a later poll writes.
    except DatabaseError:
        connection.close()
