"""What a bundle means, checked as a whole (reference 2.2 to 2.6)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from deliveries.content import Part
from deliveries.intake.instructions import Instructions
from deliveries.intake.mistakes import together
from deliveries.intake.remote_content.fetch import PUBLIC, Network
from deliveries.intake.rules.attachments import check_attachments
from deliveries.intake.rules.effective import check_sender, effective
from deliveries.intake.rules.findings import Findings
from deliveries.intake.rules.markers import check_markers
from deliveries.intake.rules.options import check_labels, check_report, check_times, check_transactional
from deliveries.intake.rules.plan import Plan
from deliveries.intake.rules.references import References
from deliveries.intake.rules.sources import check_sources


def check_meaning(
    instructions: Instructions,
    references: References,
    now: datetime,
    files: Mapping[str, Path],
    network: Network = PUBLIC,
) -> Plan:
    """Return what is to be made; raises BundleError with every rule that is broken (at most 20).

    `now` is aware; `files` maps the names of the bundle's files to where they were received. What the message
    includes is fetched over `network` when nothing else is wrong; no transaction may be open.
    """
    findings = Findings(instructions, references)
    normal, test = check_sources(findings)
    when = check_times(findings, now)
    check_transactional(findings)
    labels = check_labels(findings)
    found = effective(findings)
    check_sender(findings, found)
    parts = _with_template(check_attachments(findings, files), found.source.attachments)
    found = replace(found, source=replace(found.source, labels=dict(labels), attachments=parts))
    source = check_markers(findings, found, network)
    report = check_report(findings)
    if findings.problems:
        raise together(findings.problems)
    options = instructions.options
    return Plan(
        normal=normal,
        test=test,
        source=source,
        labels=labels,
        method=options.method,
        start_at=when.start_at,
        proposed_at=when.proposed_at,
        remove_duplicates=options.remove_duplicates,
        transactional=options.transactional,
        publish_on_web=found.publish_on_web,
        report=report,
        warning_faults=tuple(dict.fromkeys(findings.warning_faults)),
    )


def _with_template(given: tuple[Part, ...], kept: tuple[Part, ...]) -> tuple[Part, ...]:
    """Add the template delivery's files: its attachments where the bundle brings none, its inline images always."""
    return given + tuple(each for each in kept if each.cid or not given)
