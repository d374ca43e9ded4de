"""Loading and counting the audiences of a plan, and what becomes of it by what they found (reference 2.2, 3.2)."""

from collections.abc import Callable
from dataclasses import replace

from deliveries import audience
from deliveries.conf import MAX_TEST_RECIPIENTS
from deliveries.errors import BundleError, ClientError, LockedError
from deliveries.intake.instructions import Instructions, Source
from deliveries.intake.mistakes import at, refused
from deliveries.intake.rules.plan import Audience, Plan
from deliveries.intake.rules.references import References
from deliveries.models import Delivery
from recipients.errors import RowFault
from recipients.faults import Fault
from recipients.loading import BadRowsError, LoadResult
from recipients.loading.results import at_row


def source_file(instructions: Instructions, source: Source) -> str:
    """Return the name of the file that its lines are counted in."""
    return source.csv_file or instructions.file


def refused_rows(instructions: Instructions, source: Source, error: ClientError) -> BundleError:
    """Return what loading refused as a mistake in the bundle; bad rows are its problems, at most 20."""
    file = source_file(instructions, source)
    bad = bad_rows_of(error)
    faults = bad.faults[:20] if bad else ()
    return BundleError(
        at(error.fault, file),
        file=file,
        line=0 if source.csv_file else source.line,
        element="csv_file" if source.csv_file else "",
        problems=tuple(_bad_row(row, file) for row in faults),
    )


def _bad_row(row: RowFault, file: str) -> BundleError:
    found = Fault.of("at.found", fault=row.fault, found=row.excerpt)
    return BundleError(at(found, file, row.line), file=file, line=row.line, element=row.column)


def row_warnings(instructions: Instructions, source: Source, result: LoadResult) -> tuple[Fault, ...]:
    """Return the warnings of a load that went well: bad rows below the limit, test people beyond 30."""
    file = source_file(instructions, source)
    warnings = []
    if result.bad:
        warnings.append(Fault.of("note.bad_rows", bad=result.told_bad, first=at_row(result.faults[0])))
    if result.ignored:
        warnings.append(Fault.of("note.ignored", ignored=result.ignored, most=MAX_TEST_RECIPIENTS))
    return tuple(at(warning, file) for warning in warnings)


def tolerates(error: ClientError, plan: Plan) -> bool:
    """Return whether a refused test source is only a warning: it is nobody, and a normal delivery is made."""
    bad = bad_rows_of(error)
    nobody = error.code == "CSV_EMPTY" or (bad is not None and bad.good == 0)
    return nobody and plan.normal is not None


def without_test(instructions: Instructions, plan: Plan, *reasons: Fault) -> Plan:
    """Return the plan without its test delivery, which would go to nobody; `reasons` say why."""
    warning = at(Fault.of("note.no_test"), instructions.file)
    return replace(plan, test=None, warning_faults=(*plan.warning_faults, warning, *reasons))


def without_bad_test(instructions: Instructions, plan: Plan, source: Source, error: ClientError) -> Plan:
    """Return the plan without a test delivery whose source is tolerated; its bad rows are among the warnings."""
    bad = bad_rows_of(error)
    return without_test(instructions, plan, *(row_warnings(instructions, source, bad) if bad else ()))


def bad_rows_of(error: ClientError) -> LoadResult | None:
    """Return the rows that a refused list had; None where it was refused as a whole."""
    return error.result if isinstance(error, BadRowsError) else None


def load_sources(
    instructions: Instructions, plan: Plan, load: Callable[[str, Audience], LoadResult | None]
) -> Plan:
    """Load the people that the bundle brings, those for test first; returns the plan that is left.

    `load` gets "test" or "normal" and the audience; it answers None where there is nothing to do any more, and a
    rehearsal's stores nothing. Raises BundleError, LockedError.
    """
    warnings: list[Fault] = []
    for kind, wanted in (("test", plan.test), ("normal", plan.normal)):
        if wanted is None or wanted.source is None:
            continue
        try:
            result = load(kind, wanted)
        except LockedError:
            raise
        except ClientError as error:
            if kind != "test" or not tolerates(error, plan):
                raise refused_rows(instructions, wanted.source, error) from error
            plan = without_bad_test(instructions, plan, wanted.source, error)
        else:
            warnings += row_warnings(instructions, wanted.source, result) if result else ()
    return replace(plan, warning_faults=(*warnings, *plan.warning_faults))


def count_filters(instructions: Instructions, plan: Plan, count: Callable[[str, Audience], int]) -> Plan:
    """Count the audiences that are filters and return the plan that is left; raises BundleError NOBODY.

    Nobody is an error where the delivery would go out now, and a warning where it waits; a test that is nobody
    is left out, unless it is all there is.
    """
    people = {
        kind: count(kind, wanted)
        for kind, wanted in (("normal", plan.normal), ("test", plan.test))
        if wanted and not wanted.source
    }
    recipients = instructions.recipients
    if people.get("test") == 0:
        if plan.normal is None:
            raise refused("NOBODY", instructions, "recipients/filter/test", id=recipients.filter_test)
        plan = without_test(instructions, plan)
    if people.get("normal") != 0:
        return plan
    error = refused("NOBODY", instructions, "recipients/filter/normal", id=recipients.filter_normal)
    if plan.method == "auto" and plan.start_at is None:
        raise error
    return replace(plan, warning_faults=(*plan.warning_faults, error.fault))


def people_of_filter(references: References, plan: Plan, kind: str, wanted: Audience) -> int:
    """Return how many people a filter picks now."""
    return audience.count(unsaved_delivery(references, plan, wanted, kind))


def unsaved_delivery(references: References, plan: Plan, wanted: Audience, kind: str) -> Delivery:
    """Return the delivery that is to be made, which knows whom a filter would pick."""
    return Delivery(
        account=references.newsletter.account,
        newsletter=references.newsletter,
        database=references.database,
        filter=wanted.filter,
        type=kind,
        remove_duplicates=plan.remove_duplicates,
        transactional=plan.transactional,
        most_recipients=wanted.most,
    )
