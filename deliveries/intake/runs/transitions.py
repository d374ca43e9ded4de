"""The steps of a run: each a committed transition under the lease's epoch (reference 4.1)."""

from dataclasses import dataclass, field
from datetime import datetime

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


@dataclass(slots=True)
class RunContext:
    """A run in hand: under which lease, and the way to its space. `since` is when the present step began."""

    run: ProcessingRun
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
        _note(run, SubStatus.SEMAPHORE_FOUND, bundle.semaphore, run.started_at)
    return run


def claim(work: RunContext) -> None:
    """Put the run under this lease and say who works it, before the work; raises LeaseLost.

    Somebody found there was cut short. That is the run's own crash where the cluster around it lives; who lives
    himself was only stopped, or without his database.
    """
    before = ProcessingRun.objects.values_list("worked_by", flat=True).get(pk=work.run.pk)
    alone, alive = owner.died_alone(before), not before or owner.lives(before)
    _update(
        _leased(work).filter(epoch__lte=work.lease.epoch),
        work,
        worked_by=owner.myself(),
        attempts=F("attempts") + int(alone),
        deaths=F("deaths") + int(not alive),
        epoch=work.lease.epoch,
        resume_at=None,
    )
    work.run.refresh_from_db()
    work.since = timezone.now()


def _leased(work: RunContext) -> QuerySet[ProcessingRun]:
    return ProcessingRun.objects.filter(
        pk=work.run.pk, status=RunStatus.LOADING, space__lease_epoch=work.lease.epoch
    )


def _change(work: RunContext, **changes: object) -> None:
    _update(_leased(work).filter(epoch=work.lease.epoch), work, **changes)


def _update(mine: QuerySet[ProcessingRun], work: RunContext, **changes: object) -> None:
    if not mine.update(**changes):
        raise LeaseLost(f"run {work.run.pk}")


def _note(run: ProcessingRun, sub_status: SubStatus, message: str, since: datetime) -> None:
    RunTransition.objects.create(
        run=run, sub_status=sub_status, started_at=since, ended_at=timezone.now(), message=message
    )


def step(work: RunContext, sub_status: SubStatus, message: str = "", **changes: object) -> None:
    """Commit a step with what it found; inside a transaction it commits with it. Raises LeaseLost.

    A step that the run comes to for the first time is progress: crashes and waiting are counted anew.
    """
    new = not RunTransition.objects.filter(run=work.run, sub_status=sub_status).exists()
    progress: dict[str, object] = {"waiting_since": None, "attempts": 0, "deaths": 0} if new else {}
    with transaction.atomic():
        _change(work, sub_status=sub_status, code="", error="", **progress, **changes)
        _note(work.run, sub_status, message, work.since)
    work.since = timezone.now()
    work.run.refresh_from_db()


def warn(work: RunContext, *sentences: str) -> None:
    """Add warnings to the run, each once."""
    new = [sentence for sentence in dict.fromkeys(sentences) if sentence not in work.run.warnings]
    if new:
        _change(work, warnings=[*work.run.warnings, *new])
        work.run.refresh_from_db()


def wait(work: RunContext, sub_status: SubStatus, message: str, *, ring: bool) -> None:
    """Put the run down in good order. `ring` has the clock call it again in 5 s."""
    same = work.run.sub_status == sub_status
    with transaction.atomic():
        _change(
            work,
            sub_status=sub_status,
            waiting_since=work.run.waiting_since if same and work.run.waiting_since else DatabaseNow(),
            resume_at=DatabaseNow() + conf.LOCK_RETRY if ring else None,
            worked_by="",
        )
        if not same:
            _note(work.run, sub_status, message, work.since)
    work.run.refresh_from_db()


def trouble(work: RunContext, error: ServiceError) -> None:
    """Leave the run where it is for the next polls, and say what it waits for."""
    run = ProcessingRun.objects.get(pk=work.run.pk)
    first = run.waiting_since is None or run.sub_status == SubStatus.LOCK_WAIT
    since = DatabaseNow() if first else run.waiting_since
    with transaction.atomic():
        _change(work, waiting_since=since, worked_by="", code=error.code, error=error.message)
        if run.error != error.message:
            _note(run, SubStatus(run.sub_status), error.message, work.since)
    work.run.refresh_from_db()


def crashed(work: RunContext) -> None:
    """Count an end that nobody foresaw; whose lease is lost counts nothing."""
    ProcessingRun.objects.filter(pk=work.run.pk, epoch=work.lease.epoch, status=RunStatus.LOADING).update(
        worked_by="", attempts=F("attempts") + 1, deaths=F("deaths") + 1
    )


def hold(work: RunContext, message: str, **changes: object) -> None:
    """Leave the run to an operator (reference 1.6)."""
    with transaction.atomic():
        _change(
            work, sub_status=SubStatus.DUPLICATE_HELD, attempts=0, deaths=0, worked_by="", resume_at=None, **changes
        )
        _note(work.run, SubStatus.DUPLICATE_HELD, message, work.since)
    work.run.refresh_from_db()


def end(work: RunContext, status: RunStatus, sub_status: SubStatus, message: str, **changes: object) -> None:
    """Commit the run's end; inside a transaction it commits with it. Raises LeaseLost."""
    with transaction.atomic():
        _change(
            work,
            status=status,
            sub_status=sub_status,
            ended_at=DatabaseNow(),
            resume_at=None,
            waiting_since=None,
            worked_by="",
            **changes,
        )
        _note(work.run, sub_status, message, work.since)
    work.run.refresh_from_db()
