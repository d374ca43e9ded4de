"""When a message is tried again, and when it is given up (RFC 5321 4.5.4.1). Pure."""

from datetime import timedelta
from random import Random
from typing import Final

_WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120))
_LAST: Final = timedelta(hours=4)
_JITTER: Final = 0.2
LONGEST: Final = _LAST * (1 + _JITTER)
DOUBT_REST: Final = timedelta(minutes=15)
MARKETING_LIFE: Final = timedelta(hours=48)
TRANSACTIONAL_LIFE: Final = timedelta(days=4)


def wait(attempt: int, chance: Random) -> timedelta:
    """Return how long to wait after this attempt (counted from 1): 5, 15, 30 min, 1, 2, then 4 h, +-20 %."""
    base = _WAITS[attempt - 1] if 1 <= attempt <= len(_WAITS) else _LAST
    return base * (1 + _JITTER * (2 * chance.random() - 1))


def life(*, transactional: bool) -> timedelta:
    """Return how long after the start of a delivery its messages are still worth sending."""
    return TRANSACTIONAL_LIFE if transactional else MARKETING_LIFE
