"""Connections that have not proved yet who they are: a bounded number, as sshd's MaxStartups (sshd_config(5))."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST: Final = 100
OF_AN_ADDRESS: Final = 30


class Startups:
    """The unproved connections. Of too many the oldest is dropped: a client's log-in takes a moment."""

    def __init__(self, most: int = MOST, of_an_address: int = OF_AN_ADDRESS) -> None:
        self._most = most
        self._of_an_address = of_an_address
        self._unproved: OrderedDict[object, tuple[str, Callable[[], None]]] = OrderedDict()

    def begin(self, connection: object, address: str, drop: Callable[[], None]) -> None:
        """Count a connection; `drop` ends it."""
        self._unproved[connection] = (address, drop)
        same = [each for each, (other, _) in self._unproved.items() if other == address]
        for oldest in (same[: -self._of_an_address], list(self._unproved)[: -self._most]):
            for each in oldest:
                if each in self._unproved:
                    self._unproved.pop(each)[1]()

    def end(self, connection: object) -> None:
        """Count it no longer: it has proved who it is, or has gone."""
        self._unproved.pop(connection, None)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._unproved)
