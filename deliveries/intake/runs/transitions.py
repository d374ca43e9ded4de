"""The steps of a run: each a committed transition under the lease's epoch (reference 4.1)."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from deliveries import conf
from deliveries.errors import LeaseLost, ServiceError
from deliveries.intake.leases import owner
from deliveries.intake.leases.lease import Lease
from deliveries.intake.sftp.listing import Bundle, Listing
from deliveries.intake.sftp.space_connection import SpaceConnection
from deliveries.models import ProcessingRun, RunStatus, RunTransition, SftpSpace, SubStatus
from deliveries.models.functions import DatabaseNow
from recipients.faults import Fault


@dataclass(slots=True)
class RunContext:
    """A run under way: its row, the lease it is worked under and the connection to its space.

    `since` is when the present step began.
    """

    row: ProcessingRun
    space: SftpSpace
    lease: Lease
    remote: SpaceConnection
    listing: Listing | None = None
    since: datetime = field(default_factory=timezone.now)

    def look(self) -> Listing:
        """Return this poll's listing, made when it is first needed."""
        if self.listing is None:
            self.listing = self.remote.listing()
        return self.listing


def create(lease: Lease, space: SftpSpace, bundle: Bundle, file: str) -> ProcessingRun:
    """Make the run of a semaphore; raises LeaseLost under an old epoch."""
    with transaction.atomic():
        if not SftpSpace.objects.select_for_update().filter(pk=space.pk, lease_epoch=lease.epoch).exists():
            raise LeaseLost(str(space))
        run = ProcessingRun.objects.create(
            account_id=space.account_id,
            space=space,
            semaphore=bundle.semaphore[:255],
            file=file[:255],
            semaphore_mtime=bundle.mtime,
        )
        _record(run, SubStatus.SEMAPHORE_FOUND, bundle.semaphore, run.started_at)
    return run


def claim(run: RunContext) -> None:
    """Put the run under this lease and say who works it, before the work; raises LeaseLost.

    A worker that is named there was cut short. That is the run's own crash where the cluster around it lives; one
    that lives itself was only stopped, or had lost its database.
    """
    before = ProcessingRun.objects.values_list("worked_by", flat=True).get(pk=run.row.pk)
    alone, alive = owner.died_alone(before), not before or owner.lives(before)
    _update(
        # Under a newer one another worker has been here since.
        _leased(run).filter(epoch__lte=run.lease.epoch),
        run,
        worked_by=owner.myself(),
        crashes=F("crashes") + int(alone),
        interruptions=F("interruptions") + int(not alive),
        epoch=run.lease.epoch,
        resume_at=None,
    )
    run.row.refresh_from_db()
    run.since = timezone.now()


def _leased(run: RunContext) -> QuerySet[ProcessingRun]:
    return ProcessingRun.objects.filter(pk=run.row.pk, status=RunStatus.LOADING, space__lease_epoch=run.lease.epoch)


def _change(run: RunContext, **changes: object) -> None:
    _update(_leased(run).filter(epoch=run.lease.epoch), run, **changes)


def _update(mine: QuerySet[ProcessingRun], run: RunContext, **changes: object) -> None:
    if not mine.update(**changes):
        raise LeaseLost(f"run {run.row.pk}")


def _record(run: ProcessingRun, sub_status: SubStatus, found: str | Fault, since: datetime) -> None:
    kept = {"fault": found.as_json()} if isinstance(found, Fault) else {"message": found}
    RunTransition.objects.create(run=run, sub_status=sub_status, started_at=since, ended_at=timezone.now(), **kept)


def step(run: RunContext, sub_status: SubStatus, found: str | Fault = "", **changes: object) -> None:
    """Commit a step with what it found; inside a transaction it commits with it. Raises LeaseLost.

    A step that the run comes to for the first time is progress: crashes and waiting are counted anew.
    """
    new = not RunTransition.objects.filter(run=run.row, sub_status=sub_status).exists()
    # What crashed at every step in turn, once each, gets on all the same.
    progress: dict[str, object] = {"waiting_since": None, "crashes": 0, "interruptions": 0} if new else {}
    with transaction.atomic():
        _change(run, sub_status=sub_status, code="", fault=None, **progress, **changes)
        _record(run.row, sub_status, found, run.since)
    run.since = timezone.now()
    run.row.refresh_from_db()


def warn(run: RunContext, *warnings: Fault) -> None:
    """Add warnings to the run, each once."""
    new = [fault.as_json() for fault in dict.fromkeys(warnings) if fault.as_json() not in run.row.warning_faults]
    if new:
        _change(run, warning_faults=[*run.row.warning_faults, *new])
        run.row.refresh_from_db()


def wait(run: RunContext, sub_status: SubStatus, why: Fault) -> None:
    """Put the run down in good order: the clock has it gone on with in 5 s."""
    same = run.row.sub_status == sub_status
    with transaction.atomic():
        _change(
            run,
            sub_status=sub_status,
            waiting_since=run.row.waiting_since if same and run.row.waiting_since else DatabaseNow(),
            resume_at=DatabaseNow() + conf.LOCK_RETRY,
            worked_by="",
        )
        if not same:
            _record(run.row, sub_status, why, run.since)
    run.row.refresh_from_db()


def put_off(run: RunContext, error: ServiceError) -> None:
    """Leave the run where it is for the next polls, and say what it waits for."""
    # As committed: what the attempt had changed was rolled back with its transaction.
    row = ProcessingRun.objects.get(pk=run.row.pk)
    first = row.waiting_since is None or row.sub_status == SubStatus.LOCK_WAIT
    since = DatabaseNow() if first else row.waiting_since
    with transaction.atomic():
        _change(run, waiting_since=since, worked_by="", code=error.code, fault=error.fault.as_json())
        if row.fault != error.fault.as_json():  # a line for each new trouble, not for each poll that meets it
            _record(row, SubStatus(row.sub_status), error.fault, run.since)
    run.row.refresh_from_db()


def count_crash(run: RunContext) -> None:
    """Count an end that nobody foresaw; whose lease is lost counts nothing."""
    ProcessingRun.objects.filter(pk=run.row.pk, epoch=run.lease.epoch, status=RunStatus.LOADING).update(
        worked_by="", crashes=F("crashes") + 1, interruptions=F("interruptions") + 1
    )


def hold(run: RunContext, why: Fault, **changes: object) -> None:
    """Leave the run to an operator (reference 1)."""
    with transaction.atomic():
        _change(
            run,
            sub_status=SubStatus.DUPLICATE_HELD,
            crashes=0,
            interruptions=0,
            worked_by="",
            resume_at=None,
            **changes,
        )
        _record(run.row, SubStatus.DUPLICATE_HELD, why, run.since)
    run.row.refresh_from_db()


def end(run: RunContext, status: RunStatus, sub_status: SubStatus, found: str | Fault, **changes: object) -> None:
    """Commit the run's end; inside a transaction it commits with it. Raises LeaseLost."""
    with transaction.atomic():
        _change(
            run,
            status=status,
            sub_status=sub_status,
            ended_at=DatabaseNow(),
            resume_at=None,
            waiting_since=None,
            worked_by="",
            **changes,
        )
        _record(run.row, sub_status, found, run.since)
    run.row.refresh_from_db()
    transaction.on_commit(partial(_log_end, run.row))  # what is rolled back has not ended


def _log_end(row: ProcessingRun) -> None:
    """Write one line without the sentence, which may quote a list."""
    structlog.get_logger(__name__).info(
        "a run ended",
        run=row.pk, space=row.space_id, status=row.status, sub_status=row.sub_status, code=row.code,
        delivery=row.delivery_id, test_delivery=row.test_delivery_id,
    )  # fmt: skip
