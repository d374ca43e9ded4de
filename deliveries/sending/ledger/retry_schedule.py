"""When a message is tried again, and for how long (RFC 5321 4.5.4.1); whether: worker/outcomes.py. Pure."""

from datetime import timedelta
from random import Random
from typing import Final

# The first soon, as a server that greylists wants it, then ever longer: an outage of hours costs few tries.
_WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120))
_LAST: Final = timedelta(hours=4)
_JITTER: Final = 0.2  # a share: what was refused together does not come back together
LONGEST: Final = _LAST * (1 + _JITTER)
DOUBT_REST: Final = timedelta(minutes=15)  # a bounce or an open may prove it meanwhile
MARKETING_LIFE: Final = timedelta(hours=48)  # an offer of the day before yesterday is of use to nobody
# RFC 5321 4.5.4.1: 4 to 5 days.
TRANSACTIONAL_LIFE: Final = timedelta(days=4)


def wait(attempt: int, chance: Random) -> timedelta:
    """Return how long to wait after this attempt (counted from 1): 5, 15, 30 min, 1, 2, then 4 h, +-20 %."""
    base = _WAITS[attempt - 1] if 1 <= attempt <= len(_WAITS) else _LAST
    return base * (1 + _JITTER * (2 * chance.random() - 1))


def life(*, transactional: bool) -> timedelta:
    """Return how long after the start of a delivery its messages are still worth sending."""
    return TRANSACTIONAL_LIFE if transactional else MARKETING_LIFE
