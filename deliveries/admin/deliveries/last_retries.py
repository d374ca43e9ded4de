"""Which deliveries have tried everybody once and only repeat what was put off (reference 5.1)."""

from collections.abc import Iterable
from typing import Final

from django.core.cache import caches
from django.db import connection

# Over the ranges, which go as their messages do: of a delivery that is in full swing the first says enough.
# `+ 0` has the ids of a range looked for, not all messages of the delivery.
_TRIED: Final = """
    SELECT d.id FROM deliveries_delivery AS d WHERE d.id = ANY(%s) AND NOT EXISTS (
        SELECT FROM deliveries_sendingrange AS r
        JOIN deliveries_message AS m ON m.delivery_id + 0 = r.delivery_id AND m.id BETWEEN r.first_id AND r.last_id
        WHERE r.delivery_id = d.id AND m.status = 'pending' AND m.attempt = 0)
    AND EXISTS (SELECT FROM deliveries_sendingrange AS r WHERE r.delivery_id = d.id)
"""
# Whoever was tried once stays so: it is asked again only because a cache must end.
_KEPT_SECONDS: Final = 3600


def only_retries_left(delivery_ids: Iterable[int]) -> frozenset[int]:
    """Return those of the deliveries, all of them sending, in which nobody waits for a first try."""
    keys = {f"tried-{pk}": pk for pk in delivery_ids}
    kept = caches["counts"]
    known = kept.get_many(keys)
    unknown = [pk for key, pk in keys.items() if key not in known]
    if unknown:
        with connection.cursor() as cursor:
            cursor.execute(_TRIED, [unknown])
            found = {f"tried-{pk}": True for (pk,) in cursor.fetchall()}
        kept.set_many(found, _KEPT_SECONDS)
        known |= found
    return frozenset(keys[key] for key in known)
