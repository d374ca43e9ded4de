"""What passes between the feeder and the couriers: shelves of jobs, and drafts of messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deliveries.models import SendingRange
from deliveries.sending.ledger.ranges import Row
from deliveries.sending.worker.compose import Mailing


@dataclass(slots=True, eq=False)
class LeasedRange:
    """A leased range: `out` counts jobs handed out whose end is not yet committed.

    `closing` once nothing more of it may go out (paused, stopped, lease lost), `read_to` is the last id read.
    """

    leased: SendingRange
    mailing: Mailing
    read_to: int
    out: int = 0
    empty: bool = False
    closing: bool = False

    @property
    def over(self) -> bool:
        """Say whether it can be returned."""
        return self.out == 0 and (self.empty or self.closing)


@dataclass(slots=True, eq=False)
class Job:
    """One message to send; `drops` and `mail_refusals` count what happened to it in this process."""

    row: Row
    shelf: LeasedRange
    values: Mapping[str, object] | None
    kept: bytes | None
    drops: int = 0
    mail_refusals: int = 0
    draft: "Draft | None" = field(default=None)

    def done(self) -> None:
        """Leave the shelf: what became of the job stands in the ledger, or nothing did."""
        self.shelf.out -= 1
        self.values = self.kept = self.draft = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed message: `attempt` as it was seen before, `body` CRLF and not dot-stuffed.

    `emptied` is how many of its addresses were left empty; None where the bytes were kept of an earlier attempt.
    """

    message_id: int
    attempt: int
    to: str
    sender: str
    body: bytes
    sha256: bytes
    fingerprint: bytes
    composed_at: datetime
    keep: bool
    emptied: int | None
