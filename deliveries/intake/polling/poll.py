"""One poll of one space: what waits is taken up again, what is new is taken over (reference 1.3)."""

from collections.abc import Callable

from django.db import IntegrityError
from django.db.models import Q

from deliveries.errors import LeaseLost, ServiceError
from deliveries.intake.leases import lease as leases
from deliveries.intake.leases import owner
from deliveries.intake.leases.lease import Lease
from deliveries.intake.polling import space_health
from deliveries.intake.runs import archive, transitions, xml_report
from deliveries.intake.runs.process import server_away, work_on
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import ConnectionFailed
from deliveries.intake.sftp.listing import Bundle, Listing
from deliveries.intake.sftp.space_connection import SpaceConnection
from deliveries.models import ProcessingRun, RunStatus, SftpSpace, SubStatus
from deliveries.models.functions import DatabaseNow

MOST_RUNS: int = 50


def poll(space_id: int, beat: Callable[[], None] = lambda: None) -> str:
    """Poll a space once and work its runs to their end; returns a line. Another's lease or a pause ends it."""
    return _leased(space_id, beat, _poll)


def poll_now(space_id: int, patience: float) -> str:
    """Poll as `poll` does, after whoever polls there now; raises ServiceError SPACE_LEASED when that lasts."""
    return _leased(space_id, lambda: None, _poll, patience)


def resume(run_id: int, beat: Callable[[], None] = lambda: None) -> str:
    """Go on with one run that waits, without a look at the space where none is needed."""
    run = ProcessingRun.objects.filter(pk=run_id).first()
    if run is None or run.status != RunStatus.LOADING:
        return f"run {run_id}: nothing to go on with"

    def one(space: SftpSpace, lease: Lease, remote: SpaceConnection) -> str:
        work = RunContext(ProcessingRun.objects.get(pk=run_id), space, lease, remote)
        if work.run.status == RunStatus.LOADING and work.run.sub_status != SubStatus.DUPLICATE_HELD:
            work_on(work)
        return f"run {run_id}: {work.run.status} {work.run.sub_status}"

    return _leased(run.space_id, beat, one)


def _leased(
    space_id: int,
    beat: Callable[[], None],
    action: Callable[[SftpSpace, Lease, SpaceConnection], str],
    patience: float = 0.0,
) -> str:
    with leases.held(space_id, beat, patience=patience) as lease:
        space = SftpSpace.objects.select_related("account").get(pk=space_id)
        if lease is None:
            who = f"space {space_id}: leased by {owner.shown(space.lease_owner)} until {space.lease_until}"
            if patience:
                raise ServiceError("SPACE_LEASED", f"{who}: it is being polled, look at its runs")
            return who
        remote = SpaceConnection(space)
        try:
            return action(space, lease, remote)
        except LeaseLost as lost:
            return lost.message
        finally:
            remote.close()


def _poll(space: SftpSpace, lease: Lease, remote: SpaceConnection) -> str:
    space_health.began(space)
    if space.paused_at is not None:
        return f"space {space.pk} is paused"
    worked = {_go_on(RunContext(run, space, lease, remote)) for run in _open(space, gone=True)}
    try:
        listing = remote.listing()
    except LeaseLost:
        raise
    except ServiceError as error:
        space_health.failed(space, error)
        for run in _open(space, gone=False):
            server_away(RunContext(run, space, lease, remote), error)
        return f"space {space.pk}: {error.code} {error.message}"
    done: set[str] = set()
    stuck = _old_semaphores(space, lease, remote, listing, done)
    _bundles(space, lease, remote, listing, done=done, worked=worked)
    unwritten = _late_reports(space, lease, remote, listing)
    space_health.ended(space, stuck or _stuck(space), unwritten, cut=listing.cut)
    return f"space {space.pk}: {len(listing.bundles)} bundles, {len(worked)} runs"


def _open(space: SftpSpace, *, gone: bool) -> list[ProcessingRun]:
    """Return the runs to go on with, oldest first: none that is held or waits for its time."""
    due = Q(resume_at=None) | Q(resume_at__lte=DatabaseNow())
    runs = ProcessingRun.objects.filter(due, space=space, status=RunStatus.LOADING, semaphore_gone=gone)
    return list(runs.exclude(sub_status=SubStatus.DUPLICATE_HELD).order_by("id"))


def _go_on(work: RunContext) -> int:
    """Work a run and return its id: no poll works a run twice."""
    work_on(work)
    return work.run.pk


def _old_semaphores(
    space: SftpSpace, lease: Lease, remote: SpaceConnection, listing: Listing, done: set[str]
) -> str:
    """Free the names whose semaphore a listing no longer shows; try again those that ended and still lie there.

    `done` gets the stems whose semaphore, still in this listing, was removed.
    """
    stuck = ""
    for run in ProcessingRun.objects.filter(space=space, semaphore_gone=False).select_related("space"):
        work = RunContext(run, space, lease, remote, listing)
        there = archive.bundle_of(work) is not None
        if there and run.status == RunStatus.LOADING:
            continue
        try:
            if there:
                archive.remove_semaphore(work)
                done.add(archive.stem_of(run))
        except archive.SemaphoreStays as error:
            stuck = error.message
            continue
        except ConnectionFailed:
            continue
        ProcessingRun.objects.filter(pk=run.pk, space__lease_epoch=lease.epoch).update(semaphore_gone=True)
    return stuck


def _bundles(
    space: SftpSpace, lease: Lease, remote: SpaceConnection, listing: Listing, *, done: set[str], worked: set[int]
) -> None:
    """Work the bundles of this listing one after the other, the oldest semaphore first; `worked` gets the runs."""
    for run in _open(space, gone=False) + _open(space, gone=True):
        if run.epoch and run.pk not in worked:  # it was begun before
            done.add(archive.stem_of(run))
            worked.add(_go_on(RunContext(run, space, lease, remote, listing)))
    for bundle in listing.bundles[:MOST_RUNS]:
        new = None if bundle.stem in done else _run_of(space, lease, bundle)
        if new is not None:
            worked.add(_go_on(RunContext(new, space, lease, remote, listing)))
    if len(listing.bundles) > MOST_RUNS:
        space_health.again_soon(space)


def _run_of(space: SftpSpace, lease: Lease, bundle: Bundle) -> ProcessingRun | None:
    """Return the run to work for a semaphore: a new one, or the one that was only just begun; else None."""
    known = ProcessingRun.objects.filter(space=space, semaphore_gone=False)
    for run in known:
        if archive.stem_of(run) == bundle.stem or run.semaphore == bundle.semaphore[:255]:
            return run if run.status == RunStatus.LOADING and run.epoch == 0 else None
    try:
        return transitions.create(lease, space, bundle, f"{bundle.stem}.xml")
    except IntegrityError:
        return None


def _late_reports(space: SftpSpace, lease: Lease, remote: SpaceConnection, listing: Listing) -> str:
    """Write the final reports that could not be written when their run ended; returns why one still can't be."""
    late = ProcessingRun.objects.filter(space=space, reported_at=None).exclude(
        status=RunStatus.LOADING, resume_at=None, sub_status__in=_UNFINISHED
    )
    why = ""
    for run in late.select_related("account").order_by("-id")[:20]:
        work = RunContext(run, space, lease, remote, listing)
        if xml_report.is_final(run):
            why = xml_report.try_to_write(work, final=True) or why
    return why


_UNFINISHED = [each for each in SubStatus.values if each != SubStatus.DUPLICATE_HELD]


def _stuck(space: SftpSpace) -> str:
    run = (
        ProcessingRun.objects.filter(space=space, semaphore_gone=False, status=RunStatus.ERROR)
        .order_by("-id")
        .first()
    )
    return archive.SemaphoreStays(run.semaphore).message if run else ""
