"""What a measurement says, and how large it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. A target is for the ratio where the row has one, else for the figure itself."""

    what: str
    figure: float
    unit: str
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """The target as it is printed, "" where there is none."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return "" if self.at_least is None else f">= {self.at_least:g}"

    @property
    def missed(self) -> bool:
        """Whether there is a target and it was not met."""
        counted = self.figure if self.ratio is None else self.ratio
        too_much = self.at_most is not None and counted > self.at_most
        return too_much or (self.at_least is not None and counted < self.at_least)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. The targets are for the defaults; smaller ones are for trying a change."""

    rows: int = 1_000_000
    messages: int = 10_000
    megabytes: int = 200
    spaces: int = 100
    idle_seconds: int = 90
    rounds: int = 5
    standing_seconds: int = 20
    web_connections: int = 8
    web_requests: int = 4_000
    answer_milliseconds: int = 50
    many: int = 1_000_000
    page_rows: int = 100_000
    page_messages: int = 600_000
    page_rounds: int = 5
    watchers: int = 100
    watching_seconds: int = 20
