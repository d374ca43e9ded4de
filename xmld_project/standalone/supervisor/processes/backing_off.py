"""How long to wait before something that failed is tried again."""

import time
from typing import Final

FIRST: Final = 0.2
LONGEST: Final = 30.0
_CALM_AFTER: Final = 60.0  # seconds without a failure: the next one counts as the first


class BackOff:
    """Pauses that double from 0.2 s to 30 s, and begin anew after a minute without a failure."""

    def __init__(self) -> None:
        self._failures = 0
        self._failed_at = 0.0
        self._due_at = 0.0

    @property
    def due(self) -> bool:
        """Whether the pause is over."""
        return time.monotonic() >= self._due_at

    def put_off(self) -> float:
        """Count a failure and return the pause in seconds."""
        now = time.monotonic()
        if now - max(self._failed_at, self._due_at) > _CALM_AFTER:
            self._failures = 0
        pause = min(FIRST * 2.0 ** min(self._failures, 20), LONGEST)
        self._failures += 1
        self._failed_at, self._due_at = now, now + pause
        return pause
