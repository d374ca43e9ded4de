"""The ladder of bounces: weeks, then for good; and what clears it (reference 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from recipients.models import Account, BlacklistEntry, Reason
from recipients.suppressions.entries import suppress
from recipients.suppressions.fingerprints import fingerprint

_AT_ONCE: Final = frozenset({1, 2})
_NEVER: Final = frozenset({0, 6, 7, 10})
_WEEKS: Final = (1, 2, 4)  # reference 7: then for good


@dataclass(frozen=True, slots=True)
class Step:
    """Where a bounce puts an address: for good, or for some weeks; `count` is the bounces in a row."""

    count: int
    lasts: timedelta | None
    reason: Reason

    @property
    def permanent(self) -> bool:
        """Whether it is for good."""
        return self.lasts is None


def climb(category: int, count: int) -> Step | None:
    """Return the step that a bounce of this category takes after `count` in a row; None: it suppresses nobody."""
    if category in _NEVER:
        return None
    if category in _AT_ONCE:
        return Step(count + 1, None, Reason.MAILBOX)
    if count < len(_WEEKS):
        return Step(count + 1, timedelta(weeks=_WEEKS[count]), Reason.BOUNCES)
    return Step(count + 1, None, Reason.BOUNCES)


def record_bounce(
    account: Account, address: str, category: int, now: datetime, delivery: int | None = None
) -> Step | None:
    """Take one step of the ladder for a normalised address; None when it suppresses nobody or changed nothing."""
    with transaction.atomic():
        entry = (
            BlacklistEntry.objects.select_for_update()
            .filter(account=account, fingerprint=fingerprint(address))
            .first()
        )
        step = climb(category, entry.count if entry else 0)
        if step is None:
            return None
        until = None if step.lasts is None else now + step.lasts
        changed = suppress(account, address, step.reason, until=until, count=step.count, delivery=delivery)
        return step if changed else None


_CLEAR: Final = """
    DELETE FROM recipients_blacklistentry AS b USING unnest(%s::bigint[], %s::bytea[]) AS u (account, print)
    WHERE b.account_id = u.account AND b.fingerprint = u.print AND NOT b.permanent AND b.address IS NOT NULL
"""


def clear_count(account: Account, address: str) -> bool:
    """Forget the bounces in a row and a temporary entry: the person opened, clicked or replied."""
    entries = BlacklistEntry.objects.filter(
        account=account, fingerprint=fingerprint(address), permanent=False, address__isnull=False
    )
    return bool(entries.delete()[0])


def clear_counts(reactions: Iterable[tuple[int, str]]) -> int:
    """Do the same for many (account's id, normalised address) at once; return how many entries went."""
    pairs = [(account_id, fingerprint(address)) for account_id, address in reactions]
    if not pairs:
        return 0
    accounts, prints = (list(column) for column in zip(*pairs, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, [accounts, prints])
        return int(cursor.rowcount)
