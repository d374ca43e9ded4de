"""How many people a delivery that has not started would reach now, as the lists show it: counted now and then."""

import time
from collections.abc import Sequence
from typing import Final

from django.core.cache import caches

from deliveries import audience
from deliveries.errors import ClientError
from deliveries.models import Delivery

_KEPT_SECONDS: Final = 60  # lists ask anew every few seconds, and a count may cost one
# A list of 25 filters over a large database would count for seconds: the rest comes with the next look.
_BUDGET: Final = 0.3


def counts(rows: Sequence[Delivery]) -> dict[int, int]:
    """Return whom each would reach, for those that were counted in the last minute or can be counted in time."""
    waiting = {f"people-{row.pk}-{row.version}": row for row in rows if row.size is None}
    kept = caches["counts"]
    known = kept.get_many(waiting)
    deadline = time.monotonic() + _BUDGET
    for key, row in waiting.items():
        if key in known or time.monotonic() > deadline:
            continue
        try:
            known[key] = audience.expected(row).reached
        except ClientError:
            known[key] = None  # its filter can't be used: the row's page says why
        kept.set(key, known[key], _KEPT_SECONDS)
    return {waiting[key].pk: number for key, number in known.items() if number is not None}
