"""Who is written to (reference 2.2): which source counts, and the fields of recipients in the XML."""

from collections.abc import Iterable

from deliveries.conf import MAX_TEST_RECIPIENTS
from deliveries.intake.instructions import Source
from deliveries.intake.mistakes import placed
from deliveries.intake.rules.findings import Findings
from deliveries.intake.rules.plan import Audience
from recipients.conf import CODE_FIELD
from recipients.loading import InlineRecipient


def inline(source: Source) -> tuple[InlineRecipient, ...]:
    """Return recipients of the XML as loading takes them."""
    return tuple(
        InlineRecipient(person.line, tuple(zip(person.names, person.values, strict=True)))
        for person in source.people
    )


def check_sources(findings: Findings) -> tuple[Audience | None, Audience | None]:
    """Return the audiences of the normal and of the test delivery; warns of what is overridden or ignored."""
    wanted, references = findings.instructions.recipients, findings.references
    if wanted.rendering is not None:
        findings.warn("note.rendering")
    if wanted.new and wanted.filter_normal:
        findings.warn("note.overridden_normal", id=wanted.filter_normal)
    if wanted.test and wanted.filter_test:
        findings.warn("note.overridden_test", id=wanted.filter_test)
    for source in (wanted.new, wanted.test):
        if source is not None:
            _check_fields(findings, source)
    normal = test = None
    if wanted.new or references.filter:
        normal = Audience(wanted.new, None if wanted.new else references.filter)
    if wanted.test or references.test_filter:
        test = Audience(wanted.test, None if wanted.test else references.test_filter, MAX_TEST_RECIPIENTS)
    return normal, test


def _check_fields(findings: Findings, source: Source) -> None:
    """Refuse names that are not fields of the database, are reserved, or come twice in one recipient."""
    known = [column.name for column in findings.references.columns if column.name.lower() != CODE_FIELD.lower()]
    lower = {name.lower() for name in known}
    for name, line in source.field_lines.items():
        if name.lower() == CODE_FIELD.lower():
            findings.problems.append(placed("FIELD_RESERVED", findings.instructions.file, line, name))
        elif name.lower() not in lower:
            found = {"field": name, "known": known}
            findings.problems.append(placed("FIELD_UNKNOWN", findings.instructions.file, line, name, **found))
    for name, line in _twice(source):
        findings.problems.append(placed("FIELD_TWICE", findings.instructions.file, line, name, field=name))


def _twice(source: Source) -> Iterable[tuple[str, int]]:
    """Yield one (name, line of the recipient) for each combination of fields that repeats a name."""
    checked: set[tuple[str, ...]] = set()
    for person in source.people:
        if person.names in checked:
            continue
        checked.add(person.names)
        lower = [name.lower() for name in person.names]
        if len(set(lower)) < len(lower):
            yield next(name for at, name in enumerate(person.names) if lower[at] in lower[:at]), person.line
