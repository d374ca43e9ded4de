"""What can be done about a run, and doing it for an operator by one conditional UPDATE each (reference 1, 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.db import transaction
from django.utils.functional import Promise

from deliveries import audit, queue
from deliveries.audit import Verb
from deliveries.errors import StateConflict
from deliveries.models import ProcessingRun, RowError, RunFile, RunStatus, RunTransition, SubStatus
from deliveries.models.functions import DatabaseNow
from deliveries.sentences import advice as words
from recipients.faults import Fault
from recipients.models import User

_TOO_MANY_BAD: Final = "CSV_TOO_MANY_ERRORS"
_OF_OTHER_FILES: Final = ("CSV_", "ZIP_", "ATT_", "FILE_TOO_BIG")  # how codes begin that no XML mends
_VERBS: Final = {
    "retried": Verb.RUN_RETRIED,
    "good_rows": Verb.RUN_GOOD_ROWS,
    "released": Verb.RUN_RELEASED,
    "discarded": Verb.RUN_DISCARDED,
}


class Hindrance(Enum):
    """Why a run can't be retried at all."""

    STATE = "it is not in ERROR, or was discarded"
    KEYS = "its keys were never accepted"
    NO_FILES = "its files are no longer kept"


@dataclass(frozen=True, slots=True)
class Advice:
    """What helps: `retry` where it may go well now or once `words` is done; `words` are one or two sentences.

    `good_rows`: the list has rows that can be loaded without the bad ones. `mended_xml`: a mended XML can be
    checked against the files that are kept.
    """

    retry: bool
    words: Promise
    good_rows: bool = False
    mended_xml: bool = False


_HINDERED: Final[dict[Hindrance, Promise]] = {
    Hindrance.KEYS: words.KEYS,
    Hindrance.NO_FILES: words.NO_FILES,
    Hindrance.STATE: words.NOTHING,
}


def hindrance(run: ProcessingRun) -> Hindrance | None:
    """Return why the run can't be retried, None where it can."""
    received = RunFile.objects.filter(run=run, role="xml").first()
    if run.code == "AUTH_FAILED" or (run.member_id is None and received is not None):
        return Hindrance.KEYS
    if received is not None and not received.place.is_file():
        return Hindrance.NO_FILES
    if run.status != RunStatus.ERROR or run.sub_status == SubStatus.DISCARDED:
        return Hindrance.STATE
    return None


def has_good_rows(run: ProcessingRun) -> bool:
    """Return whether only the share of bad rows kept the good ones from being loaded."""
    return run.status == RunStatus.ERROR and run.code == _TOO_MANY_BAD and bool(run.rows_loadable)


def advice(run: ProcessingRun) -> Advice:
    """Return what can be done about a run in ERROR."""
    hindered = hindrance(run)
    if hindered is not None:
        return Advice(retry=False, words=_HINDERED[hindered])
    of_the_bundle = run.sub_status in {SubStatus.XML_ERROR, SubStatus.XMLD_CONFIGURATION_ERROR}
    mended_xml = of_the_bundle and RunFile.objects.filter(run=run, role="xml").exists() and run.code != "LOCKED"
    if has_good_rows(run):
        return Advice(retry=False, words=words.GOOD_ROWS, good_rows=True, mended_xml=mended_xml)
    if run.code in words.ADVICE:
        return Advice(retry=True, words=words.ADVICE[run.code], mended_xml=mended_xml)
    if not of_the_bundle:
        return Advice(retry=True, words=words.LOG, mended_xml=mended_xml)
    in_the_xml = mended_xml and not run.code.startswith(_OF_OTHER_FILES)
    return Advice(retry=False, words=words.MENDED if in_the_xml else words.CLIENT, mended_xml=mended_xml)


def retry(run_id: int, *, actor: User | None = None) -> None:
    """Work a run in ERROR again, on the bundle as it was received; raises StateConflict."""
    _retry(ProcessingRun.objects.get(pk=run_id), "retried", actor)


def load_good_rows(run_id: int, *, actor: User | None = None) -> None:
    """Work a run again whose list had too many bad rows, and leave these out; raises StateConflict."""
    run = ProcessingRun.objects.get(pk=run_id)
    if not has_good_rows(run):
        raise StateConflict("GOOD_ROWS", run=run_id)
    _retry(run, "good_rows", actor, takes_good_rows=True)


def _retry(run: ProcessingRun, verb: str, actor: User | None, *, takes_good_rows: bool = False) -> None:
    hindered = hindrance(run)
    if hindered == Hindrance.KEYS:
        raise StateConflict("RETRY_KEYS", run=run.pk)
    if hindered == Hindrance.NO_FILES:
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
            "code": "", "fault": None, "faults": [], "crashes": 0, "interruptions": 0, "ended_at": None,
            "waiting_since": None, "mailed_at": None, "resume_at": DatabaseNow(), **changes,
        }  # fmt: skip
    with transaction.atomic():
        if not allowed or not ProcessingRun.objects.filter(pk=run.pk, **wanted).update(reported_at=None, **changes):
            now = ProcessingRun.objects.get(pk=run.pk)
            state = f"{now.status} {now.sub_status}"
            raise StateConflict(f"RUN_STATE.{verb}", run=run.pk, state=state)
        now = ProcessingRun.objects.get(pk=run.pk)
        who = actor.called if actor else Fault.of("step.by_command")
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
