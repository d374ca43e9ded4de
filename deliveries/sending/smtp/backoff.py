"""The relay's address and its rest: who refuses us is left alone for a while, the recipients lose nothing."""

import logging
import time
from dataclasses import dataclass
from typing import Final

from deliveries.relay.address import RelayAddress

_log: Final = logging.getLogger(__name__)
_FIRST_REST: Final = 1.0  # seconds, doubled with each trouble
_LONGEST_REST: Final = 300.0  # five minutes: a relay that is back should not wait for us for long
_AUTH_REST: Final = 60.0  # a wrong password is mended by a person, and some relays count tries


@dataclass(slots=True)
class Relay:
    """One relay as this process sees it; times are monotonic seconds."""

    address: RelayAddress
    rests_until: float = 0.0
    troubles: int = 0
    code: str = ""  # of what is wrong now, "" where it answers
    words: str = ""
    untold: bool = False  # the ledger does not know of it yet

    def rest_left(self) -> float:
        """Return the seconds for which no new connection is tried."""
        return max(0.0, self.rests_until - time.monotonic())

    def trouble(self, code: str, why: str) -> None:
        """Rest, twice as long each time (1 s to 5 min; 1 min at least when it refuses our credentials)."""
        if not self.code:
            self.code, self.words, self.untold = code, why, True
        if self.rest_left() > 0:
            return  # the other connections met the same trouble: one line, one step
        self.troubles += 1
        self.code, self.words, self.untold = code, why, True
        seconds = min(_LONGEST_REST, _FIRST_REST * 2 ** min(self.troubles - 1, 9))
        if code in {"SMTP_AUTH", "TLS_REQUIRED"}:
            seconds = max(seconds, _AUTH_REST)
        self.rests_until = time.monotonic() + seconds
        _log.warning("%s: relay %s:%s rests %.0f s: %s", code, self.address.host, self.address.port, seconds, why)

    def fine(self) -> None:
        """Forget earlier troubles: it has just accepted a message."""
        self.troubles = 0
        self.answered()

    def answered(self) -> None:
        """Note that it takes mail again, or at least talks to us."""
        if self.code:
            self.code, self.words, self.untold = "", "", True
