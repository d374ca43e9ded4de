"""The freeze: everybody whom a delivery writes to becomes a message, in one statement (reference 5.2)."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from deliveries import conf
from deliveries.audience.narrowing import narrowed
from deliveries.models import Delivery
from recipients.errors import ServiceError

NO_ADDRESS: Final = "the row holds no address: load it again with one"

# 1. chosen: the rows that the filters select, each with its normalised address and whether it unsubscribed.
# 2. kept: without those, and of one address the first row only where repetitions are removed.
# 3. made: a message each, with its outcome where the address is missing or on the blacklist.
# 4. ranges: the ids that are still to be written to, in the ranges that the senders lease one after the other.
_FREEZE: Final = """
WITH chosen AS MATERIALIZED (
    SELECT {row}.id, {row}.{address} AS address, lower({row}.{address}) AS key
    FROM {people} AS {row} WHERE {selected}
), unsubscribed (key) AS MATERIALIZED ({unsubscribed}),
listed (key, permanent, reason) AS MATERIALIZED ({listed}),
staying AS (
    SELECT c.id, c.address, c.key FROM chosen AS c
    WHERE NOT EXISTS (SELECT FROM unsubscribed AS u WHERE u.key = c.key)
), kept AS ({kept}),
made AS (
    INSERT INTO deliveries_message
        (delivery_id, recipient_id, address, status, attempt, enhanced, reply, reason, outcome_at)
    SELECT %s, k.id, coalesce(k.address, ''),
           CASE WHEN coalesce(k.key, '') = '' THEN 'error' WHEN l.permanent THEN 'blacklist'
                WHEN l.key IS NOT NULL THEN 'temporary_blacklist' ELSE 'pending' END,
           0, CASE WHEN coalesce(k.key, '') = '' THEN '5.1.3' ELSE '' END,
           CASE WHEN coalesce(k.key, '') = '' THEN %s ELSE '' END,
           l.reason, CASE WHEN coalesce(k.key, '') = '' OR l.key IS NOT NULL THEN now() END
    FROM (SELECT * FROM kept ORDER BY id LIMIT %s) AS k LEFT JOIN listed AS l ON l.key = k.key
    ORDER BY k.id
    RETURNING id, status
), ranges AS (
    INSERT INTO deliveries_sendingrange (delivery_id, first_id, last_id, due_at)
    SELECT %s, min(id), max(id), now()
    FROM (SELECT id, row_number() OVER (ORDER BY id DESC) - 1 AS behind
          FROM made WHERE status = 'pending') AS waiting
    GROUP BY {ranges} ORDER BY min(id)
)
SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM staying), (SELECT count(*) FROM kept),
       (SELECT count(*) FROM made)
"""
_ALL: Final = "SELECT id, address, key FROM staying"
# A change of structure and an import that takes people away hold this row and then ask who is going out.
_HOLD: Final = "SELECT FROM recipients_database WHERE id = %s FOR KEY SHARE"
# Rows without an address are not repetitions of each other: each is shown as an error.
_FIRST: Final = """
    SELECT id, address, key FROM (
        SELECT s.*, row_number() OVER (PARTITION BY coalesce(nullif(key, ''), id::text) ORDER BY id) AS place
        FROM staying AS s) AS numbered
    WHERE place = 1
"""


_OF_A_SIZE: Final = 4


def _ranges() -> str:
    """Return in SQL the number of a message's range from the end, by how many messages are `behind` it.

    The last ones are small, four of each size: a sender without a range waits until the others are through theirs.
    """
    cases, begin, number = "", 0, 0
    for part in (4, 2):
        size = conf.RANGE_SIZE // part
        end = begin + _OF_A_SIZE * size
        cases += f" WHEN behind < {end} THEN {number} + (behind - {begin}) / {size}"
        begin, number = end, number + _OF_A_SIZE
    return f"CASE{cases} ELSE {number} + (behind - {begin}) / {conf.RANGE_SIZE} END"


RANGES: Final = _ranges()


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the freeze counted: rows selected, those left after unsubscriptions, after repetitions, messages."""

    selected: int
    staying: int
    kept: int
    made: int


def freeze(delivery: Delivery) -> int:
    """Write the delivery's messages and ranges, and return its size: how many messages it has.

    Works inside the caller's transaction, on a delivery that is frozen once: a second call changes nothing.
    Raises ClientError when a filter can't be used.
    """
    if not connection.in_atomic_block:
        raise ServiceError("FREEZE_OUTSIDE", "an audience is frozen inside the transaction of its start")
    if delivery.size is not None:
        return delivery.size
    frozen = _write(delivery)
    delivery.size = frozen.made
    delivery.left_out_unsubscribed = frozen.selected - frozen.staying
    delivery.left_out_duplicates = frozen.staying - frozen.kept
    delivery.save(update_fields=["size", "left_out_unsubscribed", "left_out_duplicates"])
    return frozen.made


def _write(delivery: Delivery) -> Frozen:
    own = (delivery.pk, NO_ADDRESS, delivery.most_recipients, delivery.pk)
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [delivery.database_id])
        query = narrowed(_FREEZE.replace("{ranges}", RANGES), delivery, every=_ALL, first=_FIRST)
        # else each row's foreign keys wait in memory for the commit
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(query.sql, (*query.parameters, *own))
        return Frozen(*cursor.fetchone())
