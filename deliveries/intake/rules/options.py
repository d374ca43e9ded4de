"""How and when it is sent, its labels and its report (reference 2.3, 2.4)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from deliveries.conf import MAX_LABELS
from deliveries.intake.rules.findings import Findings
from deliveries.intake.rules.plan import Report
from recipients.models import User

_FRACTION: Final = re.compile(r"\.\d+")
PAST_ALLOWED: Final = timedelta(hours=24)  # reference 2.3: a bundle may have waited a day for its server
YEARS_AHEAD: Final = 10  # further ahead is a slip of the keyboard
_EARLIEST_YEAR: Final = 1990  # of a proposed time; arithmetic on years 1 and 9999 overflows


@dataclass(frozen=True, slots=True)
class Times:
    """`refusal` is DATE_INVALID, DATE_TOO_FAR or empty; `is_past` = by so little that it is sent at once."""

    start_at: datetime | None = None
    proposed_at: datetime | None = None
    refusal: str = ""
    is_past: bool = False


def times(written: str, method: str, zone: ZoneInfo, now: datetime) -> Times:
    """Return what a schedule means; `now` is aware. Empty: at once."""
    if not written:
        return Times()
    year = int(written[:4])
    if year > now.year + YEARS_AHEAD or (method == "manual" and year < _EARLIEST_YEAR):
        return Times(refusal="DATE_TOO_FAR")
    if method == "manual":
        return Times(proposed_at=instant(written, zone))
    at = instant(written, zone) if year >= _EARLIEST_YEAR else None
    if at is None or now - at > PAST_ALLOWED:
        return Times(refusal="DATE_INVALID")
    return Times(start_at=at) if at > now else Times(is_past=True)


def instant(written: str, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) of `yyyy-mm-ddThh:mm:ss` with or without an offset.

    Without one it is the wall clock of `zone`: an hour that does not exist moves forward by the gap, one that
    exists twice takes the first. A fraction of a second is dropped.
    """
    given = datetime.fromisoformat(_FRACTION.sub("", written))
    if given.tzinfo is None:
        given = given.replace(tzinfo=zone, fold=0)  # in a gap, fold 0 reads the offset before it: forward
    return given.astimezone(UTC)


def check_times(findings: Findings, now: datetime) -> Times:
    """Return when it goes out; warns of a time that is just past, refuses one that is long past."""
    options = findings.instructions.options
    zone = findings.references.newsletter.account.zone
    found = times(options.schedule, options.method, zone, now)
    if found.refusal:
        findings.refuse(found.refusal, "delivery/schedule", schedule=options.schedule)
    if found.is_past:
        findings.warn("note.schedule_past", schedule=options.schedule)
    return found


def check_transactional(findings: Findings) -> None:
    """Refuse `transactional` on a marketing newsletter, and its lack on a transactional one."""
    references = findings.references
    newsletters = [references.newsletter]
    if references.template is not None:
        newsletters.append(references.template.newsletter)
    such = next((each for each in newsletters if each.kind == "transactional"), None)
    asked = findings.instructions.options.transactional
    if asked and such is None:
        findings.refuse("NOT_TRANSACTIONAL", "delivery/transactional", newsletter=references.newsletter.pk)
    if not asked and such is not None:
        findings.refuse("TRANSACTIONAL_MISSING", "delivery", newsletter=such.pk)


def check_labels(findings: Findings) -> tuple[tuple[str, str], ...]:
    """Return the delivery's labels: each once, at most 50."""
    notes = findings.instructions.notes
    if len(notes) > MAX_LABELS:
        findings.refuse("TOO_MANY_NOTES", "notes", count=len(notes))
        return ()
    seen: set[str] = set()
    for number, note in enumerate(notes, 1):
        if note.label in seen:
            findings.refuse("NOTE_TWICE", f"notes/note[{number}]/label", label=note.label)
        seen.add(note.label)
    return tuple((note.label, note.value) for note in notes)


def check_report(findings: Findings) -> Report | None:
    """Return the report to plan; an address that is not a user's is left out with a warning."""
    wanted, recipients = findings.instructions.options.report, findings.instructions.recipients
    if wanted is None:
        return None
    if recipients.new is None and recipients.filter_normal is None:
        findings.warn("note.report_test_only")
        return None
    asked = {address.lower(): address for address in wanted.recipients}
    users = User.objects.filter(memberships__account=findings.references.newsletter.account_id, is_active=True)
    known = {email.lower() for email in users.values_list("email", flat=True) if email}
    for strange in [address for lower, address in asked.items() if lower not in known]:
        findings.warn("note.report_stranger", address=strange)
    kept = tuple(address for lower, address in asked.items() if lower in known)
    if not kept:
        findings.warn("note.report_nobody")
        return None
    return Report(kept, wanted.delay_hours)
