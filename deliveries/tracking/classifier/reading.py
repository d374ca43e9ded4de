"""What the classifier reads: new hits in order, their messages, and the earlier hits that a rule looks back at."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from deliveries.tokens import HIDDEN_LINK
from deliveries.tracking.classifier.rules import BURST, Hit
from deliveries.tracking.hits.recorder import LOCK

_COLUMNS: Final = (
    "id, at, kind, delivery_id, message_id, link, target, coalesce(host(ip), ''), agent, method, purpose"
)
_NEW: Final = f"SELECT {_COLUMNS} FROM deliveries_hit WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"  # noqa: S608
_CLICKS_AROUND: Final = f"""
    SELECT {_COLUMNS} FROM deliveries_hit
    WHERE message_id = ANY(%s) AND kind = 'c' AND at >= %s AND id <= %s
"""  # noqa: S608  our own list of columns
_OF_MESSAGES: Final = f"SELECT {_COLUMNS} FROM deliveries_hit WHERE message_id = ANY(%s) AND id <= %s"  # noqa: S608
_OF_NOBODY: Final = f"""
    SELECT {_COLUMNS} FROM deliveries_hit WHERE message_id IS NULL AND delivery_id = %s AND id <= %s
"""  # noqa: S608  our own list of columns
# A sequence that was never asked says 1, and gives it to the first who asks.
_NEWEST: Final = "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM deliveries_hit_id_seq"
_TRAPPED: Final = """
    SELECT DISTINCT message_id, coalesce(host(ip), ''), agent FROM deliveries_hit
    WHERE message_id = ANY(%s) AND link = %s AND kind = 'c' AND id <= %s
"""
_MESSAGES: Final = """
    SELECT m.id, m.delivery_id, d.account_id, m.address, m.first_view_at, m.first_click_at, m.first_web_at,
           m.devices, m.status = 'in_doubt' OR m.doubted
    FROM deliveries_message AS m JOIN deliveries_delivery AS d ON d.id = m.delivery_id WHERE m.id = ANY(%s)
"""


@dataclass(slots=True)
class MessageState:
    """What a message's person did first, by what was classified so far; `unsure` whether it was known to arrive."""

    id: int
    delivery_id: int
    account_id: int
    address: str
    view_at: datetime | None
    click_at: datetime | None
    web_at: datetime | None
    devices: int
    unsure: bool

    @property
    def domain(self) -> str:
        """The domain, as mend.py cuts it out in SQL."""
        return self.address.partition("@")[2].partition("@")[0].lower()

    @property
    def firsts(self) -> tuple[datetime | None, datetime | None, datetime | None, int]:
        """What a change of this message would change."""
        return self.view_at, self.click_at, self.web_at, self.devices


def newest_settled(mark: int) -> int:
    """Return the newest id up to which every hit is visible or never will be; `mark` when nothing came.

    Ids are given before rows are visible. Whoever holds the writers' lock alone for a moment knows that every id
    given so far is settled.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        if cursor.fetchone()[0] <= mark:
            return mark
        with transaction.atomic():
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute(_NEWEST)  # sees what was committed before the lock was given
            return int(cursor.fetchone()[0])


def new_hits(after: int, until: int, most: int) -> list[Hit]:
    """Return hits in the order of their ids."""
    return _hits(_NEW, [after, until, most])


def clicks_around(hits: Sequence[Hit], until: int) -> list[Hit]:
    """Return all clicks of the messages that were clicked in these hits, from a burst's length before them."""
    clicked = [hit for hit in hits if hit.kind == "c" and hit.message_id is not None]
    if not clicked:
        return []
    since = min(hit.at for hit in clicked) - BURST
    return _hits(_CLICKS_AROUND, [sorted({hit.message_id or 0 for hit in clicked}), since, until])


def trapped(messages: Iterable[int], until: int) -> set[tuple[int | None, str, str]]:
    """Return the visitors of these messages who fetched the hidden link, now or ever."""
    return {(row[0], row[1], row[2]) for row in rows(_TRAPPED, [sorted(messages), HIDDEN_LINK, until])}


def messages_of(ids: Collection[int]) -> dict[int, MessageState]:
    """Return what these messages are by now; one that was deleted is missing."""
    return {row[0]: MessageState(*row) for row in rows(_MESSAGES, [sorted(ids)])} if ids else {}


def hits_of_messages(messages: Sequence[int], until: int) -> list[Hit]:
    """Return every hit of these messages that was classified."""
    return _hits(_OF_MESSAGES, [messages, until])


def hits_of_nobody(delivery_id: int, until: int) -> list[Hit]:
    """Return the hits of a delivery's shared pixels and plain links that were classified."""
    return _hits(_OF_NOBODY, [delivery_id, until])


def accounts_of(delivery_ids: Collection[int]) -> dict[int, int]:
    """Return the account of each delivery."""
    return dict(rows("SELECT id, account_id FROM deliveries_delivery WHERE id = ANY(%s)", [sorted(delivery_ids)]))


def _hits(query: str, values: list[Any]) -> list[Hit]:
    return [Hit(*row) for row in rows(query, values)]


def rows(query: str, values: Sequence[Any]) -> list[Any]:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
