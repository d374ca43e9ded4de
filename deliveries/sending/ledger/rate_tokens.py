"""Leave to send at a rate, shared by all senders on all machines: tokens in the database, on its clock."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction

_BURST_SECONDS: Final = 10  # no more than this long's worth is ever saved up: after a rest nothing comes in a flood
_HOUR: Final = 3600

# One token at first: a rate is not gone round by making its row anew.
_MAKE: Final = """
    INSERT INTO deliveries_ratebucket (key, tokens, at) VALUES (%s, 1, clock_timestamp()) ON CONFLICT DO NOTHING
"""
# A clock that went back adds nothing, one that jumped ahead no more than the burst.
_TAKE: Final = """
    WITH held AS (
        SELECT id, clock_timestamp() AS now, least(%(burst)s::float8, tokens
            + greatest(0, extract(epoch FROM clock_timestamp() - at))::float8 * %(a_second)s) AS has
        FROM deliveries_ratebucket WHERE key = %(key)s FOR UPDATE
    ), given AS (SELECT id, now, has, least(floor(has), %(wanted)s) AS number FROM held)
    UPDATE deliveries_ratebucket AS b SET tokens = given.has - given.number, at = given.now,
        empty_at = CASE WHEN given.number = 0 THEN given.now ELSE b.empty_at END
    FROM given WHERE b.id = given.id RETURNING given.number::int
"""


def take(wanted: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Take tokens: `wanted` has for each key its rate an hour and how many are asked for; return those given.

    Nothing waits in here: who gets none asks again. Rows are locked in the order of their keys.
    """
    given: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for key in sorted(wanted):
            an_hour, number = wanted[key]
            burst = max(1.0, an_hour * _BURST_SECONDS / _HOUR)
            asked: dict[str, Any] = {"key": key, "wanted": number, "burst": burst, "a_second": an_hour / _HOUR}
            cursor.execute(_TAKE, asked)
            row = cursor.fetchone()
            if row is None:
                cursor.execute(_MAKE, [key])
                cursor.execute(_TAKE, asked)
                row = cursor.fetchone()
            given[key] = row[0]
    return given
