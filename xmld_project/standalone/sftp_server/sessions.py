"""What one space may hold at the same time: connections and sessions, so that no client works the server alone."""

from collections import Counter
from typing import Final

CONNECTIONS: Final = 20
SESSIONS: Final = 20
CHANNELS_OF_A_CONNECTION: Final = 10


class Held:
    """How many of something each space holds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    def take(self, username: str) -> bool:
        """Take one more, if there may be one."""
        if self._held[username] >= self._most:
            return False
        self._held[username] += 1
        return True

    def release(self, username: str) -> None:
        """Give one back."""
        self._held[username] -= 1
        if self._held[username] <= 0:
            del self._held[username]
