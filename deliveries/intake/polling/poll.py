"""One poll of one space: what waits is taken up again, what is new is taken over (reference 1)."""

from typing import Final

from django.db import IntegrityError
from django.db.models import Q

from deliveries.errors import LeaseLost, ServiceError
from deliveries.intake.leases.lease import Lease
from deliveries.intake.polling import space_health
from deliveries.intake.runs import archive, transitions, xml_report
from deliveries.intake.runs.attempt import attempt, server_away
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import ConnectionFailed
from deliveries.intake.sftp.listing import Bundle, Listing
from deliveries.intake.sftp.space_connection import SpaceConnection
from deliveries.models import ProcessingRun, RunStatus, SftpSpace, SubStatus
from deliveries.models.functions import DatabaseNow
from recipients.faults import Fault

MOST_RUNS: int = 50
_MOST_LATE_REPORTS: Final = 20  # new bundles wait meanwhile: the next poll writes the others
_UNFINISHED: Final = [each for each in SubStatus.values if each != SubStatus.DUPLICATE_HELD]


class Poll:
    """A poll under way: the space under its lease, what was seen there, and what was done so far.

    `worked` are the ids of the runs that had their attempt: none has two in one poll. `settled` are the stems of
    this listing whose semaphore was removed or has its run. `stuck` and `unwritten` say why a semaphore or a report
    stays as it is.
    """

    def __init__(self, space: SftpSpace, lease: Lease, remote: SpaceConnection) -> None:
        self.space, self.lease, self.remote = space, lease, remote
        self.listing = Listing(())
        self.worked: set[int] = set()
        self.settled: set[str] = set()
        self.stuck: Fault | None = None
        self.unwritten = ""

    def run(self) -> str:
        """Poll; returns a line. Raises LeaseLost."""
        space_health.began(self.space)
        if self.space.paused_at is not None:
            return f"space {self.space.pk} is paused"
        # What is received needs no look at the server, and goes on while that is away.
        self._go_on_with(self._waiting(received=True), None)
        try:
            self.listing = self.remote.listing()
        except LeaseLost:
            raise
        except ServiceError as error:
            self._server_away(error)
            return f"space {self.space.pk}: {error.code} {error.message}"
        # Before new bundles: a semaphore that outlived its run would be taken for one of them.
        self._remove_old_semaphores()
        self._go_on_with(self._begun_before(), self.listing)
        self._take_new_bundles()
        self._write_late_reports()
        space_health.ended(self.space, self.stuck or self._stuck_before(), self.unwritten, cut=self.listing.cut)
        return f"space {self.space.pk}: {len(self.listing.bundles)} bundles, {len(self.worked)} runs"

    def _context(self, row: ProcessingRun, listing: Listing | None) -> RunContext:
        return RunContext(row, self.space, self.lease, self.remote, listing)

    def _waiting(self, *, received: bool) -> list[ProcessingRun]:
        """Return the runs to go on with, oldest first: none that is held or waits for its time."""
        due = Q(resume_at=None) | Q(resume_at__lte=DatabaseNow())
        rows = ProcessingRun.objects.filter(
            due, space=self.space, status=RunStatus.LOADING, semaphore_gone=received
        )
        return list(rows.exclude(sub_status=SubStatus.DUPLICATE_HELD).order_by("id"))

    def _go_on_with(self, rows: list[ProcessingRun], listing: Listing | None) -> None:
        for row in rows:
            self.worked.add(row.pk)
            attempt(self._context(row, listing))

    def _begun_before(self) -> list[ProcessingRun]:
        """Return the runs of earlier polls that had no attempt in this one; their semaphores are theirs."""
        rows = self._waiting(received=False) + self._waiting(received=True)
        begun = [row for row in rows if row.epoch and row.pk not in self.worked]
        self.settled.update(archive.stem_of(row) for row in begun)
        return begun

    def _server_away(self, error: ServiceError) -> None:
        space_health.failed(self.space, error)
        for row in self._waiting(received=False):
            server_away(self._context(row, None), error)

    def _remove_old_semaphores(self) -> None:
        """Free the names whose semaphore is gone; try again to remove those that outlived their run."""
        for row in ProcessingRun.objects.filter(space=self.space, semaphore_gone=False).select_related("space"):
            run = self._context(row, self.listing)
            there = archive.bundle_of(run) is not None
            if there and row.status == RunStatus.LOADING:
                continue
            try:
                if there:
                    archive.remove_semaphore(run)
                    self.settled.add(archive.stem_of(row))
            except archive.SemaphoreStays as error:
                self.stuck = error.fault
                continue
            except ConnectionFailed:
                continue
            mine = ProcessingRun.objects.filter(pk=row.pk, space__lease_epoch=self.lease.epoch)
            mine.update(semaphore_gone=True)

    def _take_new_bundles(self) -> None:
        """Work the bundles of this listing one after the other, the oldest semaphore first."""
        # One space keeps no worker for itself, however much lies on it.
        for bundle in self.listing.bundles[:MOST_RUNS]:
            row = None if bundle.stem in self.settled else self._run_of(bundle)
            if row is not None:
                self.worked.add(row.pk)
                attempt(self._context(row, self.listing))
        if len(self.listing.bundles) > MOST_RUNS:
            space_health.again_soon(self.space)

    def _run_of(self, bundle: Bundle) -> ProcessingRun | None:
        """Return the run to work for a semaphore: a new one, or the one that was only just begun; else None."""
        for row in ProcessingRun.objects.filter(space=self.space, semaphore_gone=False):
            if archive.stem_of(row) == bundle.stem or row.semaphore == bundle.semaphore[:255]:
                return row if row.status == RunStatus.LOADING and row.epoch == 0 else None
        try:
            return transitions.create(self.lease, self.space, bundle, f"{bundle.stem}.xml")
        except IntegrityError:
            return None

    def _write_late_reports(self) -> None:
        """Write the final reports that could not be written when their run ended."""
        late = ProcessingRun.objects.filter(space=self.space, reported_at=None).exclude(
            status=RunStatus.LOADING, resume_at=None, sub_status__in=_UNFINISHED
        )
        for row in late.select_related("account").order_by("-id")[:_MOST_LATE_REPORTS]:
            if xml_report.is_final(row):
                refusal = xml_report.try_to_write(self._context(row, self.listing), final=True)
                self.unwritten = refusal or self.unwritten

    def _stuck_before(self) -> Fault | None:
        failed = ProcessingRun.objects.filter(space=self.space, semaphore_gone=False, status=RunStatus.ERROR)
        row = failed.order_by("-id").first()
        return archive.SemaphoreStays(row.semaphore).fault if row else None
