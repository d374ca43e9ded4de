"""The people that a bundle brings, loaded under the database's lock (reference 3.3, 3.4)."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypedDict

from django.db import connection, transaction
from django.utils import timezone

from deliveries import conf
from deliveries.errors import LockedError
from deliveries.intake import rules
from deliveries.intake.instructions import Instructions
from deliveries.intake.rules import Audience, Plan, References
from deliveries.intake.runs import transitions
from deliveries.intake.runs.transitions import RunContext
from deliveries.models import ProcessingRun, RowError, SubStatus
from recipients import locks
from recipients.conf import CODE_FIELD
from recipients.faults import Fault
from recipients.loading import BadRowsError, Dialect, LoadResult, load_csv, load_inline
from recipients.models import Database, Filter

# An operator read the counts; only a list without a good row is refused.
_ANY_SHARE: Final = 1.0
LETTERS: Final = {"normal": "N", "test": "T"}
FILTER_FIELDS: Final = {"normal": "filter", "test": "test_filter"}


class _Terms(TypedDict):
    """What both kinds of loading are asked."""

    code: str
    limit: float
    at_most: int | None
    within: Callable[[LoadResult], None]


def code_of(row: ProcessingRun, kind: str) -> str:
    """Return the XML_DELIVERY_CODE of a run's rows."""
    return f"XMLD-{row.pk}-{LETTERS[kind]}"


def holder_of(row: ProcessingRun) -> str:
    """Return the name under which a run holds its database's lock."""
    return locks.holder_of_run(row.pk)


def check_unlocked(run: RunContext, references: References) -> None:
    """Raise LockedError while the lock that the run waits for is still another's.

    It comes every 5 s, before what the message includes is fetched again.
    """
    if run.row.sub_status == SubStatus.LOCK_WAIT:
        locks.check_free(references.database.pk, holder_of(run.row))


@contextlib.contextmanager
def database_locked(run: RunContext, references: References, plan: Plan) -> Iterator[None]:
    """Hold the database's lock for the block, where the bundle brings people (reference 3.4)."""
    if not plan.brings_people:
        yield
        return
    database, holder = references.database, holder_of(run.row)
    locks.acquire(database.pk, holder, conf.LOCK_LEASE)
    # A load takes longer than LOCK_LEASE: who renews the lease renews the lock.
    run.lease.on_renewal.append(lambda: locks.renew(database.pk, holder, conf.LOCK_LEASE))
    try:
        if not run.row.rows_so_far and run.row.rows_good is None:  # not once more in a retry behind the load
            transitions.step(run, SubStatus.RECIPIENTS_UPLOAD_STARTED, database.name, database=database)
        yield
        transitions.step(run, SubStatus.RECIPIENTS_UPLOAD_FINISHED, Fault.of("step.rows", rows=run.row.rows_good))
    finally:
        run.lease.on_renewal.clear()
        locks.release(database.pk, holder)


def load(  # noqa: PLR0917  the first four are bound where the steps are listed
    run: RunContext,
    instructions: Instructions,
    references: References,
    files: Mapping[str, Path],
    kind: str,
    wanted: Audience,
) -> LoadResult | None:
    """Load the people of one audience; None where an earlier attempt did. Raises ClientError, LockedError."""
    if wanted.source is None or getattr(run.row, f"{FILTER_FIELDS[kind]}_id") is not None:
        return None
    try:
        result = _rows(run, references, files, kind, wanted)
    except BadRowsError as error:
        loaded_before = kind == "test" and run.row.rows_good is not None
        if not loaded_before:
            _keep_faults(run, wanted.source.csv_file, error.result)
        raise
    run.row.refresh_from_db()
    transitions.warn(run, *rules.row_warnings(instructions, wanted.source, result))
    return result


def _rows(
    run: RunContext, references: References, files: Mapping[str, Path], kind: str, wanted: Audience
) -> LoadResult:
    source, space, database = wanted.source, run.space, references.database
    if source is None:
        raise TypeError("a filter brings no recipients")

    def within(result: LoadResult) -> None:
        """Commit the run's row with the rows: loaded twice is not possible."""
        # In the transaction that stores the rows: who has lost the lock stores none.
        if not locks.renew(database.pk, holder_of(run.row), conf.LOCK_LEASE):
            raise LockedError(database.pk, "")
        made = _filter(run, database, kind)
        good, bad = (run.row.rows_good or 0) + result.good, (run.row.rows_bad or 0) + result.bad
        _store_faults(run, source.csv_file, result)
        transitions.step(
            run, SubStatus.RECIPIENTS_ADDED, str(good), rows_good=good, rows_bad=bad, rows_so_far=good,
            **{FILTER_FIELDS[kind]: made},
        )  # fmt: skip

    terms: _Terms = {
        "code": code_of(run.row, kind),
        "limit": _ANY_SHARE if run.row.takes_good_rows else space.bad_rows_limit,
        "at_most": wanted.most,
        "within": within,
    }
    with _Progress(run) as progress:
        if source.csv_file:
            dialect = Dialect(space.separator, space.quote, space.escape, space.csv_encoding)
            return load_csv(database, files[source.csv_file], dialect, progress=progress, **terms)
        return load_inline(database, rules.inline(source), progress=progress, **terms)


def _filter(run: RunContext, database: Database, kind: str) -> Filter:
    when = f"{timezone.localtime(timezone.now(), run.space.account.zone):%Y-%m-%d %H:%M:%S}"
    return Filter.objects.create(
        database=database,
        name=f"{run.row.file} {when}{' (test)' if kind == 'test' else ''}",
        conditions=[{"field": CODE_FIELD, "op": "equals", "value": code_of(run.row, kind)}],
        automatic=True,
    )


def _store_faults(run: RunContext, name: str, result: LoadResult) -> None:
    RowError.objects.bulk_create(
        [
            RowError(
                run=run.row, file=(name or run.row.file)[:255], line=fault.line, column=fault.column[:63],
                code=fault.code[:40], fault=fault.fault.as_json(), excerpt=fault.excerpt[:200],
            )
            for fault in result.faults
        ],
        batch_size=1000,
    )  # fmt: skip


def _keep_faults(run: RunContext, name: str, result: LoadResult) -> None:
    bad = (run.row.rows_bad or 0) + result.bad
    with transaction.atomic():
        transitions.step(run, SubStatus.RECIPIENTS_ADDED, "0", rows_good=0, rows_bad=bad, rows_loadable=result.good)
        _store_faults(run, name, result)


class _Progress:
    """Called with the rows checked so far: commits them as a RECIPIENTS_ADDED transition of the run."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._before = run.row.rows_good or 0
        # Commits while the rows themselves are still uncommitted, so that a page sees how far it is.
        self._connection = connection.copy()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def __call__(self, rows: int) -> None:
        """Write down that so many rows were checked; raises LeaseLost when the space is another's."""
        self._run.lease.check()
        so_far, now = self._before + rows, timezone.now()
        with self._connection.cursor() as cursor:
            cursor.execute(
                "WITH mine AS (UPDATE deliveries_processingrun"
                " SET rows_so_far = %s, sub_status = 'RECIPIENTS_ADDED'"
                " WHERE id = %s AND epoch = %s AND status = 'LOADING' RETURNING id)"
                " INSERT INTO deliveries_runtransition (run_id, sub_status, started_at, ended_at, message)"
                " SELECT id, 'RECIPIENTS_ADDED', %s, %s, %s FROM mine",
                [so_far, self._run.row.pk, self._run.lease.epoch, self._run.since, now, str(so_far)],
            )
        self._run.since = now
