"""Whom a delivery would reach if it started now, in numbers (reference 5.2)."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from deliveries.audience.narrowing import narrowed
from deliveries.models import Delivery

# The same four steps as the freeze, counted and not written.
_COUNT: Final = """
WITH chosen AS MATERIALIZED (
    SELECT {row}.id, lower({row}.{address}) AS key FROM {people} AS {row} WHERE {selected}
), unsubscribed (key) AS MATERIALIZED ({unsubscribed}),
listed (key, permanent, reason) AS MATERIALIZED ({listed}),
staying AS (
    SELECT c.id, c.key FROM chosen AS c WHERE NOT EXISTS (SELECT FROM unsubscribed AS u WHERE u.key = c.key)
),
kept AS ({kept})
SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM staying), (SELECT count(*) FROM kept),
       (SELECT count(*) FROM kept AS k JOIN listed AS l ON l.key = k.key)
"""
_ALL: Final = "SELECT id, key FROM staying"
_FIRST: Final = "SELECT DISTINCT ON (coalesce(nullif(key, ''), id::text)) id, key FROM staying"


@dataclass(frozen=True, slots=True)
class Expected:
    """Numbers of people: selected by the filters, and of them who would not get it, by reason."""

    selected: int
    unsubscribed: int
    repeated: int
    listed: int

    @property
    def reached(self) -> int:
        """How many would be written to."""
        return self.selected - self.unsubscribed - self.repeated - self.listed


def expected(delivery: Delivery) -> Expected:
    """Count whom the delivery would reach now. Raises ClientError when a filter can't be used."""
    query = narrowed(_COUNT, delivery, every=_ALL, first=_FIRST)
    with connection.cursor() as cursor:
        cursor.execute(query.sql, query.parameters)
        chosen, staying, kept, on_list = cursor.fetchone()
    return Expected(chosen, chosen - staying, staying - kept, on_list)
