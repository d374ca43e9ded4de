"""What an operator may do with a run, by one conditional UPDATE each (reference 1, 4.1)."""

from collections.abc import Mapping
from typing import Final

from django.db import transaction

from deliveries import audit, queue
from deliveries.audit import Verb
from deliveries.errors import StateConflict
from deliveries.intake.runs import advice
from deliveries.intake.runs.advice import Hindrance
from deliveries.models import ProcessingRun, RowError, RunStatus, RunTransition, SubStatus
from deliveries.models.functions import DatabaseNow
from recipients.faults import Fault
from recipients.models import User

_VERBS: Final = {
    "retried": Verb.RUN_RETRIED,
    "good_rows": Verb.RUN_GOOD_ROWS,
    "released": Verb.RUN_RELEASED,
    "discarded": Verb.RUN_DISCARDED,
}


def retry(run_id: int, *, actor: User | None = None) -> None:
    """Work a run in ERROR again, on the bundle as it was received; raises StateConflict."""
    _retry(ProcessingRun.objects.get(pk=run_id), "retried", actor)


def load_good_rows(run_id: int, *, actor: User | None = None) -> None:
    """Work a run again whose list had too many bad rows, and leave these out; raises StateConflict."""
    run = ProcessingRun.objects.get(pk=run_id)
    if not advice.has_good_rows(run):
        raise StateConflict("GOOD_ROWS", run=run_id)
    _retry(run, "good_rows", actor, takes_good_rows=True)


def _retry(run: ProcessingRun, verb: str, actor: User | None, *, takes_good_rows: bool = False) -> None:
    hindrance = advice.hindrance(run)
    if hindrance == Hindrance.KEYS:
        raise StateConflict("RETRY_KEYS", run=run.pk)
    if hindrance == Hindrance.NO_FILES:
        raise StateConflict("RETRY_NO_FILES", run=run.pk)
    _change(
        run,
        verb,
        actor,
        {"status": RunStatus.ERROR},
        allowed=run.sub_status != SubStatus.DISCARDED,
        status=RunStatus.LOADING,
        sub_status=SubStatus.SEMAPHORE_DELETED if run.semaphore_gone else SubStatus.SEMAPHORE_FOUND,
        retry_of_error=True,
        takes_good_rows=takes_good_rows,
        rows_good=None,
        rows_bad=None,
        rows_loadable=None,
        rows_so_far=0,
    )


def release(run_id: int, *, actor: User | None = None) -> None:
    """Let a held run go on: the same content is meant to go out again; raises StateConflict."""
    run = ProcessingRun.objects.get(pk=run_id)
    held = {"status": RunStatus.LOADING, "sub_status": SubStatus.DUPLICATE_HELD}
    _change(run, "released", actor, held, sub_status=SubStatus.SEMAPHORE_DELETED, released=True)


def discard(run_id: int, *, actor: User | None = None) -> None:
    """End a held run without sending it; raises StateConflict."""
    run = ProcessingRun.objects.get(pk=run_id)
    held = {"status": RunStatus.LOADING, "sub_status": SubStatus.DUPLICATE_HELD}
    why = Fault.of("run.discarded", why=Fault.from_json(run.fault or ""))
    _change(
        run, "discarded", actor, held, status=RunStatus.ERROR, sub_status=SubStatus.DISCARDED, code="DISCARDED",
        fault=why.as_json(), ended_at=DatabaseNow(),
    )  # fmt: skip


def _change(
    run: ProcessingRun,
    verb: str,
    actor: User | None,
    wanted: Mapping[str, str],
    *,
    allowed: bool = True,
    **changes: object,
) -> None:
    going_on = changes.get("status", RunStatus.LOADING) == RunStatus.LOADING
    if going_on:
        changes = {
            "code": "", "fault": None, "faults": [], "attempts": 0, "deaths": 0, "ended_at": None,
            "waiting_since": None, "mailed_at": None, "resume_at": DatabaseNow(), **changes,
        }  # fmt: skip
    with transaction.atomic():
        if not allowed or not ProcessingRun.objects.filter(pk=run.pk, **wanted).update(reported_at=None, **changes):
            now = ProcessingRun.objects.get(pk=run.pk)
            state = f"{now.status} {now.sub_status}"
            raise StateConflict(f"RUN_STATE.{verb}", run=run.pk, state=state)
        now = ProcessingRun.objects.get(pk=run.pk)
        who = actor.get_username() if actor else Fault.of("step.by_command")
        RunTransition.objects.create(
            run=run,
            sub_status=now.sub_status,
            started_at=DatabaseNow(),
            ended_at=DatabaseNow(),
            fault=Fault.of(f"step.{verb}", who=who).as_json(),
        )
        audit.record(run.account_id, actor, _VERBS[verb], run)
        if going_on:
            if verb in {"retried", "good_rows"}:
                RowError.objects.filter(run=run).delete()
            queue.enqueue(queue.RESUME_RUN, run.pk)
