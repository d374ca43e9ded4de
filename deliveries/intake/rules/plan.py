"""What a bundle that is accepted asks for: the values of the rows that `create_deliveries` makes."""

from dataclasses import dataclass, field
from datetime import datetime

from deliveries.content.source import Source as Written
from deliveries.intake.instructions import Source
from recipients.faults import Fault
from recipients.models import Filter


@dataclass(frozen=True, slots=True)
class Audience:
    """Who one delivery goes to: recipients that the bundle brings, or a filter; at most `most` people."""

    source: Source | None
    filter: Filter | None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Statistics by mail, to addresses of the account's users."""

    recipients: tuple[str, ...]
    delay_hours: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make: `source` is the message as composing takes it.

    `warning_faults` are for the run. `test` goes first and at once, to at most 30 people. `start_at` is when
    an automatic delivery goes out (None: at once), `proposed_at` the time beside `manual`.
    """

    normal: Audience | None
    test: Audience | None
    source: Written = field(repr=False)
    labels: tuple[tuple[str, str], ...]
    method: str
    start_at: datetime | None
    proposed_at: datetime | None
    remove_duplicates: bool
    transactional: bool
    publish_on_web: bool
    report: Report | None
    warning_faults: tuple[Fault, ...]

    @property
    def warnings(self) -> list[str]:
        """The warnings as sentences, in the language that is active."""
        return [fault.say() for fault in self.warning_faults]

    @property
    def brings_people(self) -> bool:
        """Whether the bundle brings recipients of its own, for either delivery."""
        return any(each is not None and each.source is not None for each in (self.normal, self.test))
