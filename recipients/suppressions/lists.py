"""The blacklist as a list: import, export, and what it consists of (reference 7)."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from django.db.models import CharField, Count, Func, QuerySet, Value
from django.utils import timezone

from recipients import addresses
from recipients.errors import ClientError, RowFault
from recipients.faults import showable
from recipients.in_chunks import in_chunks
from recipients.models import Account, BlacklistEntry, Reason, User
from recipients.suppressions.entries import suppress

COLUMNS: Final = ("address", "state", "reason", "until", "since", "count", "delivery", "note")
_ADDRESS_NAMES: Final = ("address", "email", "e-mail", "mail", "indirizzo")
_MOST_FAULTS: Final = 100
_CHUNK: Final = 2_000
_DOMAIN: Final = Func("address", Value("@"), Value(2), function="split_part", output_field=CharField())


@dataclass(slots=True)
class Imported:
    """What an import did: entered, on the list for good already, and not usable (the first hundred faults)."""

    entered: int = 0
    stood: int = 0
    bad: int = 0
    faults: list[RowFault] = field(default_factory=list)


def import_lines(account: Account, lines: Iterable[str], actor: User | None = None) -> Imported:
    """Enter every address of a CSV for good, in the caller's transaction. Raises ClientError (BLACKLIST_COLUMN)."""
    rows = csv.reader(lines)
    header = [name.strip().lower().removeprefix("\ufeff") for name in next(rows, [])]
    place = next((header.index(name) for name in _ADDRESS_NAMES if name in header), None)
    if place is None:
        raise ClientError(
            "BLACKLIST_COLUMN", "the first line names no column address: write address above the list"
        )
    note_at = header.index("note") if "note" in header else None
    found = Imported()
    for row in rows:
        if any(cell.strip() for cell in row):
            _enter(account, row, (place, note_at, rows.line_num), actor, found)
    return found


def _enter(
    account: Account, row: list[str], where: tuple[int, int | None, int], actor: User | None, found: Imported
) -> None:
    place, note_at, line = where
    text = row[place] if place < len(row) else ""
    note = row[note_at] if note_at is not None and note_at < len(row) else ""
    try:
        key = addresses.normalise(text)
    except ClientError as error:
        found.bad += 1
        if len(found.faults) < _MOST_FAULTS:
            found.faults.append(RowFault(line, "address", error.fault, showable(text)))
        return
    if suppress(account, key, Reason.BY_HAND, note=note, actor=actor):
        found.entered += 1
    else:
        found.stood += 1


def export_rows(entries: QuerySet[BlacklistEntry]) -> Iterator[tuple[str, ...]]:
    """Yield COLUMNS and a row an entry; erased people have no address, and so no row."""
    yield COLUMNS
    now = timezone.now()
    for entry in in_chunks(entries.filter(address__isnull=False).order_by("address"), _CHUNK):
        over = not entry.permanent and (entry.until is None or entry.until <= now)
        yield (
            entry.address or "",
            "none" if over else "permanent" if entry.permanent else "temporary",
            "" if entry.reason is None else str(entry.reason),
            entry.until.isoformat() if entry.until else "",
            entry.created_at.isoformat(),
            str(entry.count),
            "" if entry.delivery is None else str(entry.delivery),
            entry.note,
        )


def by_reason(entries: QuerySet[BlacklistEntry]) -> list[tuple[int, int]]:
    """Return how many entries each reason has, the most first."""
    counted = entries.exclude(reason=None).values_list("reason").annotate(number=Count("id")).order_by("-number")
    return [(int(reason or 0), number) for reason, number in counted]


def by_domain(entries: QuerySet[BlacklistEntry], most: int = 10) -> list[tuple[str, int]]:
    """Return the domains with the most entries."""
    known = entries.filter(address__isnull=False).annotate(domain=_DOMAIN)
    counted = known.values_list("domain").annotate(number=Count("id")).order_by("-number", "domain")[:most]
    return [(str(domain), number) for domain, number in counted]
