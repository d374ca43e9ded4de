"""Entries of the blacklist: enter, take off, look up (reference 7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from recipients.models import Account, BlacklistEntry, Reason, User
from recipients.suppressions.fingerprints import fingerprint

# Transactional and test deliveries go past these two (reference 5.2).
UNSUBSCRIPTIONS: Final = (Reason.UNSUBSCRIBED, Reason.LIST_UNSUBSCRIBE)


@dataclass(frozen=True, slots=True)
class State:
    """How an address stands: `name` is none, temporary or permanent."""

    name: str
    reason: Reason | None = None
    until: datetime | None = None
    count: int = 0


_SUPPRESS: Final = """
    INSERT INTO recipients_blacklistentry AS old
        (account_id, address, fingerprint, permanent, until, reason, count, note, delivery, entered_by_id,
         created_at, updated_at)
    VALUES (%(account)s, %(address)s, %(fingerprint)s, %(until)s::timestamptz IS NULL, %(until)s, %(reason)s,
            %(count)s, %(note)s, %(delivery)s, %(actor)s, clock_timestamp(), clock_timestamp())
    ON CONFLICT (account_id, fingerprint) DO UPDATE
    SET permanent = excluded.permanent, until = excluded.until, reason = excluded.reason, count = excluded.count,
        note = excluded.note, delivery = excluded.delivery, entered_by_id = excluded.entered_by_id,
        updated_at = clock_timestamp()
    WHERE NOT old.permanent
       OR (excluded.permanent AND old.reason = ANY(%(weak)s) AND excluded.reason <> ALL(%(weak)s))
"""


def suppress(  # noqa: PLR0913  what an entry tells of itself
    account: Account,
    address: str,
    reason: Reason,
    *,
    note: str = "",
    until: datetime | None = None,
    count: int = 0,
    delivery: int | None = None,
    actor: User | None = None,
) -> bool:
    """Enter a normalised address, for good when `until` is None; False when there is a stronger entry.

    A permanent entry gives way only to one that transactional mail obeys too: a complaint after an unsubscription.
    `delivery` is the number of the one that brought it here, `actor` who entered it by hand.
    """
    values: dict[str, str | bytes | int | datetime | list[int] | None] = {
        "account": account.pk,
        "address": address,
        "fingerprint": fingerprint(address),
        "until": until,
        "reason": int(reason),
        "count": count,
        "note": note[:500],
        "delivery": delivery,
        "actor": actor.pk if actor else None,
        "weak": [int(weak) for weak in UNSUBSCRIPTIONS],
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUPPRESS, values)
        return int(cursor.rowcount) == 1


def lift(account: Account, address: str, reasons: Collection[Reason] | None = None) -> bool:
    """Take a normalised address off the blacklist; False when it was not on it. The caller keeps the audit.

    With `reasons` only an entry of one of them is taken off.
    """
    entries = BlacklistEntry.objects.filter(account=account, fingerprint=fingerprint(address))
    if reasons is not None:
        entries = entries.filter(reason__in=reasons)
    return bool(entries.delete()[0])


def state_of(account: Account, address: str) -> State:
    """Return how a normalised address stands in an account now."""
    return state_by(BlacklistEntry.objects.filter(account=account, fingerprint=fingerprint(address)).first())


def state_by(entry: BlacklistEntry | None) -> State:
    """Return how an address with this entry stands now."""
    if entry is None:
        return State("none")
    reason = None if entry.reason is None else Reason(entry.reason)
    if entry.permanent:
        return State("permanent", reason, None, entry.count)
    if entry.until is not None and entry.until > timezone.now():
        return State("temporary", reason, entry.until, entry.count)
    return State("none", None, None, entry.count)
