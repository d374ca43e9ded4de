"""The order of a run: which step comes after which is said here and nowhere else."""

from functools import partial

from deliveries.intake import rules
from deliveries.intake.runs.create_deliveries import create_deliveries
from deliveries.intake.runs.load import check_unlocked, database_locked, load
from deliveries.intake.runs.receive import (
    acknowledge,
    authenticate,
    check_ids,
    check_meaning,
    download_files,
    files_taken_over_in_any_case,
    hold_if_repeated,
    receive_xml,
)
from deliveries.intake.runs.transitions import RunContext
from deliveries.intake.runs.xml_report import write_interim_report


def process(run: RunContext) -> None:
    """Go through the steps of a run (architecture, A run): each passes over what an earlier attempt committed.

    Raises BundleError, ClientError, LockedError, DuplicateHeld, ServiceError. A rehearsal goes through
    `authenticate`, `check_ids`, `check_meaning`, `load_sources` and `count_filters` as well (reference 4.3).
    """
    xml = receive_xml(run)
    instructions = authenticate(run, xml)
    with files_taken_over_in_any_case(run, instructions):
        references = check_ids(run, instructions)
    files = download_files(run, instructions)
    acknowledge(run, references)
    hold_if_repeated(run, instructions)
    check_unlocked(run, references)
    plan = check_meaning(instructions, references, files)
    with database_locked(run, references, plan):
        plan = rules.load_sources(instructions, plan, load=partial(load, run, instructions, references, files))
    plan = rules.count_filters(instructions, plan, count=partial(rules.people_of_filter, references, plan))
    write_interim_report(run, plan)
    create_deliveries(run, references, plan)
