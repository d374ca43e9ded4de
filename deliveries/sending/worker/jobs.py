"""What passes between the feeder and the connections: leased ranges and their jobs."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from deliveries.models import SendingRange
from deliveries.sending.ledger.ranges import Row
from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.worker.compose import Mailing

LARGE: Final = 1024**2  # bytes; all connections together may hold a smaller message and its successor
MOST_LARGE: Final = 4  # at a time: with files a message may have 24 MB


@dataclass(slots=True)
class Room:
    """How many more large messages a sender may hold; `freed` is called when it is one more."""

    left: int
    freed: Callable[[], None]

    def take(self) -> "Room":
        """Return this room, with one place less."""
        self.left -= 1
        return self

    def give_back(self) -> None:
        """Let another one come."""
        self.left += 1
        self.freed()


@dataclass(slots=True, eq=False)
class LeasedRange:
    """A leased range: `ready` are the jobs read and not taken, `out` counts all whose end is not yet committed.

    `closing` once nothing more of it may go out (paused, stopped, lease lost), `read_to` is the last id read,
    `empty` that there is nothing more to read. `chunk` is how many are read at a time.
    `aside` are jobs that wait for the rate of a domain, by its key; `waits_since` (monotonic) since when nothing of
    the range may go out for a rate; `rests`: it is returned for that. `large`: a message of it was, so that all of
    them wait for room.
    """

    row: SendingRange
    mailing: Mailing
    read_to: int
    chunk: int
    ready: "deque[Job]" = field(default_factory=deque)
    aside: "dict[str, deque[Job]]" = field(default_factory=dict)
    waits_since: float | None = None
    out: int = 0
    empty: bool = False
    closing: bool = False
    rests: bool = False
    large: bool = False

    @property
    def over(self) -> bool:
        """Return whether it can be returned."""
        return self.out == 0 and (self.empty or self.closing)

    def close(self) -> None:
        """Let nothing more of it go out; what no connection has taken is left as it is."""
        self.closing = True
        self.out -= self.waiting
        self.ready.clear()
        self.aside.clear()

    @property
    def waiting(self) -> int:
        """Return how many jobs no connection has taken."""
        return len(self.ready) + sum(map(len, self.aside.values()))


@dataclass(slots=True, eq=False)
class Job:
    """One message to send; `drops` and `mail_refusals` count what happened to it in this process.

    `draft` is the message, or why there is none, and `drafted_at` (monotonic) when it was made. `held_up`: it had
    to wait for the rate of its domain. `room` is where it has a place, its message being large.
    """

    row: Row
    leased: LeasedRange
    values: Mapping[str, object] | None
    kept: bytes | None
    drops: int = 0
    mail_refusals: int = 0
    draft: Composed | Outcome | None = None
    drafted_at: float = 0.0
    held_up: bool = False
    room: Room | None = None

    def done(self) -> None:
        """Leave the range: what became of the job is in the ledger, or nothing did."""
        self.leased.out -= 1
        self.values = self.kept = self.draft = None
        if self.room is not None:
            self.room.give_back()
            self.room = None
