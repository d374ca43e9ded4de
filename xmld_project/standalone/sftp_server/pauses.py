"""How long whoever gives wrong passwords waits: longer each time, and nobody else with them."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 5.0
FREE: Final = 3  # anybody mistypes
FREE_OF_AN_ADDRESS: Final = 30  # whatever the names: a network behind one address has many clients
_CALM_AFTER: Final = 600.0  # seconds
_MOST_KNOWN: Final = 1_000  # an attacker has as many addresses as they like


@dataclass(slots=True)
class _Guesses:
    wrong: int = 0
    last_at: float = 0.0
    next_at: float = 0.0


class Pauses:
    """The wrong passwords of a name at an address, and of an address: some are free, then 0.5 s, 1 s … up to 5 s.

    Tries go one after another: each waits behind those before it, on whatever connection they came. Ten minutes
    without a wrong one begin anew. Of too many the one that was silent longest is forgotten.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[tuple[str, ...], _Guesses] = OrderedDict()

    def begin(self, address: str, name: str) -> float:
        """Count a try, which is a wrong one until `was_right`; return the seconds that it waits."""
        of_name = self._try((address, name), FREE)
        return max(of_name, self._try((address,), FREE_OF_AN_ADDRESS))

    def was_right(self, address: str, name: str) -> None:
        """Take back what `begin` counted; what was wrong before stays counted."""
        for key in ((address, name), (address,)):
            guesses = self._known.get(key)
            if guesses is not None:
                guesses.wrong = max(guesses.wrong - 1, 0)

    def _try(self, key: tuple[str, ...], free: int) -> float:
        now = self._clock()
        guesses = self._known.pop(key, None)
        if guesses is None or now - guesses.last_at > _CALM_AFTER:
            guesses = _Guesses()
        pause = min(FIRST * 2.0 ** min(guesses.wrong - free, 20), LONGEST) if guesses.wrong >= free else 0.0
        guesses.next_at = max(guesses.next_at, now) + pause
        guesses.wrong += 1
        guesses.last_at = now
        self._known[key] = guesses
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return guesses.next_at - now
