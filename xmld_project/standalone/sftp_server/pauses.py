"""How long whoever gives wrong passwords waits: longer each time, and nobody else with them."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 5.0
_FREE: Final = 3
_CALM_AFTER: Final = 600.0
_MOST_ADDRESSES: Final = 1_000


class Pauses:
    """The wrong passwords of each address: three are free, then 0.5 s, 1 s … up to 5 s before the next is judged.

    Ten minutes without one begin anew. Of too many addresses the one that was silent longest is forgotten.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def begin(self, address: str) -> float:
        """Count a try, which is a wrong one until `was_right`; return the seconds that it waits."""
        wrong, pause = self._known(address), 0.0
        if wrong >= _FREE:
            pause = min(FIRST * 2.0 ** min(wrong - _FREE, 20), LONGEST)
        self._note(address, wrong + 1)
        return pause

    def was_right(self, address: str) -> None:
        """Take back what `begin` counted; what was wrong before stays counted."""
        self._note(address, max(self._known(address) - 1, 0))

    def _known(self, address: str) -> int:
        wrong, at = self._wrong.get(address, (0, 0.0))
        return 0 if self._clock() - at > _CALM_AFTER else wrong

    def _note(self, address: str, wrong: int) -> None:
        self._wrong.pop(address, None)
        if wrong:
            self._wrong[address] = (wrong, self._clock())
            if len(self._wrong) > _MOST_ADDRESSES:
                self._wrong.popitem(last=False)
