"""The one way into the table of events: each key once, counted in the same transaction (reference 6)."""

import os
from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.db import connection, transaction

from deliveries.models import Action, Event

# How many rows a counter is spread over: writers of different processes meet in one row only by chance.
STRIPES: Final = 4
# (delivery, dimension, figure, key): how much more.
Changes = Mapping[tuple[int, str, str, str], int]

FIGURE_OF_ACTION: Final[Mapping[str, str]] = {
    Action.ENTERED_PERMANENT: "blacklisted",
    Action.ENTERED_TEMPORARY: "temporary_blacklisted",
    Action.OPT_OUT: "unsubscribed",
    Action.LIST_UNSUBSCRIBE: "list_unsubscribed",
    Action.FEEDBACK_LOOP: "complaints",
}
_KEYS: Final = """
    INSERT INTO deliveries_eventkey (key, at) SELECT k, clock_timestamp() FROM unnest(%s::text[]) AS k
    ORDER BY k ON CONFLICT DO NOTHING RETURNING key
"""
# Whoever counts holds this shared, whoever counts a delivery anew alone: neither counts what the other has counted.
_LOCK: Final = 0x786D6C63
_SHARE: Final = "SELECT pg_advisory_xact_lock_shared(%s, d) FROM unnest(%s::int[]) AS d"
# In one order, so that two writers of the same rows wait for each other and never in a circle.
_COUNT: Final = """
    INSERT INTO deliveries_counter AS c (delivery_id, dimension, figure, key, stripe, value)
    SELECT * FROM (
        SELECT d, n, f, k, %s::smallint, v
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[]) AS u (d, n, f, k, v)
    ) AS more ORDER BY d, n, f, k
    ON CONFLICT (delivery_id, dimension, figure, key, stripe) DO UPDATE SET value = c.value + excluded.value
"""


def record(events: Iterable[Event]) -> list[Event]:
    """Write what happened and count it; return what is new, as an event whose key was written before is not.

    Works in the caller's transaction. Hits of people and machines come from the classifier, which counts them
    itself.
    """
    given = list(events)
    with transaction.atomic():
        new = _unheard(given)
        Event.objects.bulk_create(new, 1_000)
        count(
            Tally(
                (event.delivery_id, "", FIGURE_OF_ACTION[event.action], "")
                for event in new
                if event.action in FIGURE_OF_ACTION
            )
        )
    return new


def count(changes: Changes) -> None:
    """Add to the counters, in the caller's transaction."""
    rows = [(*which, by) for which, by in changes.items() if by]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SHARE, [_LOCK, sorted({_half(which[0]) for which in changes})])
            columns = [list(column) for column in zip(*rows, strict=True)]
            # By process: one always meets its own rows, and others' seldom.
            cursor.execute(_COUNT, [os.getpid() % STRIPES, *columns])


def _unheard(events: Sequence[Event]) -> list[Event]:
    """Return the events whose key is written now for the first time, and those without one."""
    keys = [event.key for event in events if event.key is not None]
    if not keys:
        return list(events)
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [keys])
        fresh = {row[0] for row in cursor.fetchall()}
    first: list[Event] = []
    for event in events:
        if event.key is None or event.key in fresh:
            fresh.discard(event.key or "")  # two of one key in the same call are one event
            first.append(event)
    return first


def hold_counters(delivery_id: int) -> None:
    """Keep everybody else from counting this delivery until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, _half(delivery_id)])


def _half(delivery_id: int) -> int:
    """Return an id as an advisory lock of two halves takes it; two that meet only wait for each other."""
    return delivery_id % 2**31
