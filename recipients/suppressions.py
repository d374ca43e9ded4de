"""Suppress, lift, the bounce ladder (docs/reference.md 7)."""

import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from recipients.conf import data_key
from recipients.models import Account, BlacklistEntry, Reason, User

# Transactional and test deliveries go past these two (reference 5.2).
UNSUBSCRIPTIONS: Final = (Reason.UNSUBSCRIBED, Reason.LIST_UNSUBSCRIBE)

_AT_ONCE: Final = frozenset({1, 2})
_NEVER: Final = frozenset({0, 6, 7, 10})
_WEEKS: Final = (1, 2, 4)
_BLOCK: Final = 64  # bytes, of SHA-256 (FIPS 180-4)


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


@dataclass(frozen=True, slots=True)
class State:
    """How an address stands: `name` is none, temporary or permanent."""

    name: str
    reason: Reason | None = None
    until: datetime | None = None
    count: int = 0


def climb(category: int, count: int) -> Step | None:
    """Return the step that a bounce of this category takes after `count` in a row; None: it suppresses nobody."""
    if category in _NEVER:
        return None
    if category in _AT_ONCE:
        return Step(count + 1, None, Reason.MAILBOX)
    if count < len(_WEEKS):
        return Step(count + 1, timedelta(weeks=_WEEKS[count]), Reason.BOUNCES)
    return Step(count + 1, None, Reason.BOUNCES)


@lru_cache(maxsize=2)
def _key(root: bytes) -> bytes:
    return hmac.digest(root, b"address fingerprint", "sha256")


def fingerprint(address_key: str) -> bytes:
    """Return the 32 bytes that stand for a normalised address after its erasure (HMAC-SHA-256, RFC 2104)."""
    return hmac.digest(_key(data_key()), address_key.encode(), "sha256")


def fingerprint_sql(address_key: sql.Composable) -> tuple[sql.Composed, tuple[bytes, bytes]]:
    """Return the SQL that computes the fingerprint of a text expression, and its two parameters.

    PostgreSQL has sha256() without an extension, so HMAC is put together from its two key blocks.
    """
    block = _key(data_key()).ljust(_BLOCK, b"\0")
    outer = bytes(byte ^ 0x5C for byte in block)
    inner = bytes(byte ^ 0x36 for byte in block)
    query = sql.SQL("sha256(%s::bytea || sha256(%s::bytea || convert_to({}, 'UTF8')))").format(address_key)
    return query, (outer, inner)


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


_CLEAR: Final = """
    DELETE FROM recipients_blacklistentry AS b USING unnest(%s::bigint[], %s::bytea[]) AS u (account, print)
    WHERE b.account_id = u.account AND b.fingerprint = u.print AND NOT b.permanent AND b.address IS NOT NULL
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
    """Enter a normalised address, for good when `until` is None; False when a stronger entry stands there.

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
    entry = BlacklistEntry.objects.filter(account=account, fingerprint=fingerprint(address)).first()
    if entry is None:
        return State("none")
    reason = None if entry.reason is None else Reason(entry.reason)
    if entry.permanent:
        return State("permanent", reason, None, entry.count)
    if entry.until is not None and entry.until > timezone.now():
        return State("temporary", reason, entry.until, entry.count)
    return State("none", None, None, entry.count)
