"""The blacklist as a list: import, export, and what it consists of (reference 7)."""

from collections.abc import Iterable, Iterator, Sequence
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
_MOST_FAULTS: Final = 100  # the page shows no more; all of them are counted
_CHUNK: Final = 2_000  # entries in memory
_DOMAIN: Final = Func("address", Value("@"), Value(2), function="split_part", output_field=CharField())


@dataclass(slots=True)
class Imported:
    """What an import did: entered, on the list for good already (`already`), and not usable."""

    entered: int = 0
    already: int = 0
    bad: int = 0
    faults: list[RowFault] = field(default_factory=list)

    def refuse(self, fault: RowFault) -> None:
        """Count a row that is not usable, and keep what is wrong with the first hundred."""
        self.bad += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(fault)


def import_rows(
    account: Account,
    names: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    actor: User | None,
    found: Imported,
) -> None:
    """Enter the address of every row for good, in the caller's transaction, and count them in `found`.

    `names` are the columns', each row comes with its number in the file. Raises ClientError BLACKLIST_COLUMN.
    """
    header = [name.strip().lower() for name in names]
    place = next((header.index(name) for name in _ADDRESS_NAMES if name in header), None)
    if place is None:
        raise ClientError("BLACKLIST_COLUMN", found=list(names))
    note_at = header.index("note") if "note" in header else None
    for number, row in rows:
        try:
            key = addresses.normalise(row[place])
        except ClientError as error:
            found.refuse(RowFault(number, "address", error.fault, showable(row[place])))
            continue
        note = "" if note_at is None else row[note_at]
        entered = suppress(account, key, Reason.BY_HAND, note=note, actor=actor)
        found.entered += entered
        found.already += not entered


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
