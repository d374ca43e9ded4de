"""What becomes of the client's files (reference 1): the semaphore goes, the others as the space says."""

from deliveries.errors import BundleError, ServiceError
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.errors import ConnectionFailed, RequestRefused
from deliveries.intake.sftp.listing import Bundle
from deliveries.models import ProcessingRun, RunFile
from recipients.faults import Fault


class SemaphoreStays(ServiceError):
    """The semaphore can't be removed: nothing may be loaded."""

    def __init__(self, semaphore: str) -> None:
        super().__init__("SEMAPHORE_DENIED", semaphore=semaphore)


def bundle_of(run: RunContext) -> Bundle | None:
    """Return the run's bundle as it lies on the space; None when its semaphore is gone or is another one by now."""
    for bundle in run.look().bundles:
        if bundle.semaphore[:255] == run.row.semaphore or bundle.stem == stem_of(run.row):
            # A semaphore of another time is the client's next bundle of that name.
            return bundle if bundle.mtime == run.row.semaphore_mtime else None
    return None


def stem_of(run: ProcessingRun) -> str:
    """Return the stem under which a listing shows the run's bundle."""
    return run.file[:-4] if run.file[-4:].casefold() == ".xml" else run.semaphore


def remove_semaphore(run: RunContext) -> None:
    """Remove the bundle's semaphores; raises SemaphoreStays, ConnectionFailed. Gone already is as good."""
    bundle = bundle_of(run)
    if bundle is None:
        return
    session = run.remote.session()
    for raw in bundle.semaphores:
        if b"/" in raw or b"\0" in raw:  # a server that lies about its names would have us delete elsewhere
            raise SemaphoreStays(bundle.semaphore)
        run.lease.check()  # a worker that was stopped here would remove the semaphore of a later bundle
        try:
            session.remove(raw)
        except RequestRefused as refusal:
            raise SemaphoreStays(bundle.semaphore) from refusal


def settle(run: RunContext) -> Fault | None:
    """Archive or delete the run's files once; returns the warning where that fails. Raises ConnectionFailed."""
    row = run.row
    failed: Fault | None = None
    if row.files_settled:
        return failed
    if run.space.after_run != "leave":
        names = list(RunFile.objects.filter(run=row).order_by("id").values_list("name", flat=True))
        for name in dict.fromkeys(_name_there(run, name) for name in names):
            failed = failed or _move(run, name)
    ProcessingRun.objects.filter(pk=row.pk, epoch=run.lease.epoch).update(files_settled=True)
    return failed


def _name_there(run: RunContext, name: str) -> str:
    """Return the name on the space of a file that the XML names in another form (reference 1)."""
    try:
        return run.look().find(name, run.row.file)
    except BundleError:
        return name


def _move(run: RunContext, name: str) -> Fault | None:
    session = run.remote.session()
    run.lease.check()
    try:
        if run.space.after_run == "delete":
            session.remove(name)
        else:
            day = f"archive/{run.row.started_at.astimezone(run.space.account.zone):%Y-%m-%d}"
            session.make_folder("archive")
            session.make_folder(day)
            # The run's number keeps bundles of one name and day apart.
            session.replace(name, f"{day}/{run.row.pk}-{name}")
    except RequestRefused as refusal:
        # An attempt that was killed moved it, or the client took it back.
        if refusal.code == "SFTP_MISSING":
            return None
        return Fault.of("ARCHIVE_DENIED", name=name, reason=refusal.fault)
    return None


def try_to_settle(run: RunContext) -> Fault | None:
    """As settle; a server that is away leaves the files where they are, with a warning."""
    try:
        return settle(run)
    except ConnectionFailed as error:
        return Fault.of("ARCHIVE_DENIED.away", reason=error.fault)
