"""The second half of a run: recipients loaded under the database's lock, then the deliveries.

Reference 3.3, 3.4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from deliveries import audience, conf
from deliveries.errors import ClientError, LockedError
from deliveries.intake import rules
from deliveries.intake.instructions import Instructions, Source
from deliveries.intake.rules import Plan, References
from deliveries.intake.runs import create_deliveries, transitions, xml_report
from deliveries.intake.runs.load_progress import Progress
from deliveries.intake.runs.receive import files_of
from deliveries.intake.runs.transitions import RunContext
from deliveries.models import ProcessingRun, RowError, SubStatus
from recipients import locks, tables
from recipients.conf import CODE_FIELD
from recipients.loading import Dialect, LoadResult, load_csv, load_inline
from recipients.models import Filter

LETTERS: Final = {"normal": "N", "test": "T"}
FIELDS: Final = {"normal": "filter", "test": "test_filter"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was received and judged."""

    instructions: Instructions
    references: References
    files: dict[str, Path]


class _Terms(TypedDict):
    """What both kinds of loading are asked."""

    code: str
    limit: float
    at_most: int | None
    within: Callable[[LoadResult], None]


def code_of(run: ProcessingRun, kind: str) -> str:
    """Return the XML_DELIVERY_CODE of a run's rows."""
    return f"XMLD-{run.pk}-{LETTERS[kind]}"


def holder_of(run: ProcessingRun) -> str:
    """Return the name under which a run holds its database's lock."""
    return f"run {run.pk}"


def prepare(work: RunContext, instructions: Instructions, references: References) -> None:
    """Judge the meaning, load, and make the deliveries; the run ends well. Raises ClientError, LockedError."""
    bundle = Bundle(instructions, references, files_of(work.run))
    if work.run.sub_status == SubStatus.LOCK_WAIT:  # every 5 s: what the message includes is not fetched each time
        locks.check_free(references.database.pk, holder_of(work.run))
    plan = rules.check_meaning(instructions, references, timezone.now(), bundle.files)
    brings = [each for each in (plan.normal, plan.test) if each and each.source]
    if brings:
        plan = _load_all(work, bundle, plan)
    plan = _count(bundle, plan)
    transitions.warn(work, *plan.warnings)
    if brings:  # and not before: who sees a report without an error takes the bundle for accepted
        xml_report.try_to_write(work, final=False)
    create_deliveries.make(work, references, plan)


def _load_all(work: RunContext, bundle: Bundle, plan: Plan) -> Plan:
    database, holder = bundle.references.database, holder_of(work.run)
    locks.acquire(database.pk, holder, conf.LOCK_LEASE)
    work.lease.chores.append(lambda: locks.renew(database.pk, holder, conf.LOCK_LEASE))
    try:
        if not work.run.rows_so_far and work.run.rows_good is None:
            transitions.step(work, SubStatus.RECIPIENTS_UPLOAD_STARTED, database.name, database=database)
        for kind, wanted in (("test", plan.test), ("normal", plan.normal)):
            if wanted and wanted.source and getattr(work.run, f"{FIELDS[kind]}_id") is None:
                plan = _load(work, bundle, plan, kind)
        transitions.step(work, SubStatus.RECIPIENTS_UPLOAD_FINISHED, f"{work.run.rows_good} rows")
    finally:
        work.lease.chores.clear()
        locks.release(database.pk, holder)
    return plan


def _load(work: RunContext, bundle: Bundle, plan: Plan, kind: str) -> Plan:
    wanted = plan.test if kind == "test" else plan.normal
    source = wanted.source if wanted else None
    if wanted is None or source is None:
        return plan
    try:
        result = _rows(work, bundle, source, kind, wanted.most)
    except LockedError:
        raise
    except ClientError as error:
        bad = rules.bad_rows_of(error)
        kept = kind == "test" and work.run.rows_good is not None  # by an attempt before this one
        if bad is not None and not kept:
            _keep_faults(work, source.csv_file, bad)
        if kind == "test" and rules.tolerates(error, plan):
            return rules.without_bad_test(bundle.instructions, plan, source, error)
        raise rules.refused_rows(bundle.instructions, source, error) from error
    work.run.refresh_from_db()
    transitions.warn(work, *rules.noted_rows(bundle.instructions, source, result))
    return plan


def _rows(work: RunContext, bundle: Bundle, source: Source, kind: str, most: int | None) -> LoadResult:
    space, database, name = work.space, bundle.references.database, source.csv_file

    def within(result: LoadResult) -> None:
        """Commit the run's row with the rows: loaded twice is not possible."""
        if not locks.renew(database.pk, holder_of(work.run), conf.LOCK_LEASE):
            raise LockedError(database.pk, "")
        made = _filter(work, bundle, kind)
        good, bad = (work.run.rows_good or 0) + result.good, (work.run.rows_bad or 0) + result.bad
        _store_faults(work, name, result)
        transitions.step(
            work, SubStatus.RECIPIENTS_ADDED, str(good), rows_good=good, rows_bad=bad, rows_so_far=good,
            **{FIELDS[kind]: made},
        )  # fmt: skip

    terms: _Terms = {
        "code": code_of(work.run, kind),
        "limit": space.bad_rows_limit,
        "at_most": most,
        "within": within,
    }
    with Progress(work) as progress:
        if name:
            dialect = Dialect(space.separator, space.quote, space.escape, space.csv_encoding)
            return load_csv(database, bundle.files[name], dialect, progress=progress, **terms)
        return load_inline(database, rules.inline(source), progress=progress, **terms)


def _filter(work: RunContext, bundle: Bundle, kind: str) -> Filter:
    when = f"{timezone.localtime(timezone.now(), work.space.account.zone):%Y-%m-%d %H:%M:%S}"
    return Filter.objects.create(
        database=bundle.references.database,
        name=f"{work.run.file} {when}{' (test)' if kind == 'test' else ''}",
        conditions=[{"field": CODE_FIELD, "op": "equals", "value": code_of(work.run, kind)}],
        automatic=True,
    )


def _store_faults(work: RunContext, name: str, result: LoadResult) -> None:
    RowError.objects.bulk_create(
        [
            RowError(
                run=work.run, file=(name or work.run.file)[:255], line=fault.line, column=fault.column[:63],
                code=fault.code[:40], reason=fault.reason[:300], excerpt=fault.excerpt[:200],
            )
            for fault in result.faults
        ],
        batch_size=1000,
    )  # fmt: skip


def _keep_faults(work: RunContext, name: str, result: LoadResult) -> None:
    with transaction.atomic():
        transitions.step(
            work, SubStatus.RECIPIENTS_ADDED, "0", rows_good=0, rows_bad=(work.run.rows_bad or 0) + result.bad
        )
        _store_faults(work, name, result)


def _count(bundle: Bundle, plan: Plan) -> Plan:
    """Judge audiences that are filters: nobody is an error where the delivery would go out now."""
    counted = {
        kind: audience.count(rules.imagined(bundle.references, plan, wanted, kind))
        for kind, wanted in (("normal", plan.normal), ("test", plan.test))
        if wanted and not wanted.source
    }
    return rules.judge_nobody(bundle.instructions, plan, counted.get("normal"), counted.get("test"))


def take_back(run: ProcessingRun) -> None:
    """Delete a failed run's rows and filters, inside the caller's transaction (reference 3.3).

    The lock goes too: that of a worker that died would refuse the next bundle until it lapses.
    """
    if run.database_id is not None:
        locks.release(run.database_id, holder_of(run))
    for kind, field in FIELDS.items():
        made = getattr(run, field)
        if made is None or run.database is None or not made.automatic:
            continue
        column = tables.code_column(run.database)
        if column:
            statement = sql.SQL("DELETE FROM {} WHERE {} = %s").format(
                tables.identifier(run.database), sql.Identifier(column)
            )
            with connection.cursor() as cursor:
                cursor.execute(statement, [code_of(run, kind)])
        Filter.objects.filter(pk=made.pk).delete()
