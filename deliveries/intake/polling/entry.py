"""The ways into a space's work, under its lease: a poll that is due, one by hand, a run that waited."""

from collections.abc import Callable

from deliveries import conf
from deliveries.errors import LeaseLost, ServiceError
from deliveries.intake.leases import lease as leases
from deliveries.intake.leases import owner
from deliveries.intake.leases.lease import Lease
from deliveries.intake.polling import space_health
from deliveries.intake.polling.poll import Poll
from deliveries.intake.runs.attempt import attempt
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.sftp.space_connection import SpaceConnection
from deliveries.intake.sftp.target import is_served_here
from deliveries.models import ProcessingRun, RunStatus, SftpSpace, SubStatus
from deliveries.models.functions import DatabaseNow


def poll(space_id: int, heartbeat: Callable[[], None] = lambda: None) -> str:
    """Poll a space once and work its runs to their end; returns a line. Another's lease or a pause ends it."""
    return _under_lease(space_id, heartbeat, _poll)


def poll_now(space_id: int, patience: float) -> str:
    """Poll as `poll` does, after whoever polls there now; raises ServiceError SPACE_LEASED when that lasts."""
    return _under_lease(space_id, lambda: None, _poll, patience)


def resume(run_id: int, heartbeat: Callable[[], None] = lambda: None) -> str:
    """Go on with one run that waits, without a look at the space where none is needed."""
    row = ProcessingRun.objects.filter(pk=run_id).first()
    if row is None or row.status != RunStatus.LOADING:
        return f"run {run_id}: nothing to go on with"

    def go_on(space: SftpSpace, lease: Lease, remote: SpaceConnection) -> str:
        run = RunContext(ProcessingRun.objects.get(pk=run_id), space, lease, remote)
        if run.row.status == RunStatus.LOADING and run.row.sub_status != SubStatus.DUPLICATE_HELD:
            attempt(run)
        return f"run {run_id}: {run.row.status} {run.row.sub_status}"

    return _under_lease(row.space_id, heartbeat, go_on)


def _poll(space: SftpSpace, lease: Lease, remote: SpaceConnection) -> str:
    return Poll(space, lease, remote).run()


def _under_lease(
    space_id: int,
    heartbeat: Callable[[], None],
    action: Callable[[SftpSpace, Lease, SpaceConnection], str],
    patience: float = 0.0,
) -> str:
    if not is_served_here(space := SftpSpace.objects.get(pk=space_id)):
        return _leave(space, by_hand=bool(patience))
    with leases.held(space_id, heartbeat, patience=patience) as lease:
        space = SftpSpace.objects.select_related("account").get(pk=space_id)
        if lease is None:
            holder = f"leased by {owner.place(space.lease_owner)} until {space.lease_until}"
            line = f"space {space_id}: {holder}"
            if patience:
                raise ServiceError("SPACE_LEASED", f"{line}: it is being polled, look at its runs")
            return line
        remote = SpaceConnection(space)
        try:
            return action(space, lease, remote)
        except LeaseLost as lost:
            return lost.message
        finally:
            remote.close()


def _leave(space: SftpSpace, *, by_hand: bool) -> str:
    """Leave an embedded space and its runs to a cluster beside the bundled SFTP server: no other can ask it."""
    waiting = ProcessingRun.objects.filter(space=space, status=RunStatus.LOADING, resume_at__isnull=False)
    waiting.filter(resume_at__gt=DatabaseNow() + conf.LOCK_RETRY).update(resume_at=DatabaseNow() + conf.LOCK_RETRY)
    space_health.left_to_others(space)
    line = f"space {space.pk} is served by the bundled SFTP server of another machine, or that does not run"
    if by_hand:
        raise ServiceError("SFTP_ELSEWHERE", f"{line}: poll it there")
    return line
