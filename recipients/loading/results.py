"""What a load found: how many rows are good and bad, and which are bad and why (reference 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recipients import conf
from recipients.errors import ClientError, RowFault

_EXCERPT = 80


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Rows that were loaded and rows that were not.

    `ignored` rows lie behind the most that were asked for and were not judged. `faults` are the first 10,000
    bad rows, while `bad` counts all. `samples` are the typed values of the first good rows, by lower-case name.
    """

    good: int
    bad: int
    faults: tuple[RowFault, ...] = ()
    ignored: int = 0
    samples: tuple[Mapping[str, object], ...] = ()

    @property
    def told_bad(self) -> str:
        """How many rows are bad, as a sentence begins."""
        return f"{self.bad:,} of {self.good + self.bad:,} rows {'is' if self.bad == 1 else 'are'} bad"


class BadRowsError(ClientError):
    """Too many rows are bad, or none is good: nothing was stored; `result` names the bad ones."""

    def __init__(self, code: str, message: str, result: LoadResult) -> None:
        super().__init__(code, message)
        self.result = result


def excerpt(text: str) -> str:
    """Return at most 80 characters of what was found, control characters and lone surrogates written out."""
    short = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:_EXCERPT])
    return short if len(short) <= _EXCERPT and len(text) <= _EXCERPT else short[: _EXCERPT - 1] + "…"


@dataclass(slots=True)
class Tally:
    """The counts while a load goes on."""

    good: int = 0
    bad: int = 0
    ignored: int = 0
    faults: list[RowFault] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many rows were judged."""
        return self.good + self.bad

    def add(self, fault: RowFault) -> None:
        """Count a bad row, and keep it if it is among the first 10,000."""
        self.bad += 1
        if len(self.faults) < conf.MAX_KEPT_ROW_FAULTS:
            self.faults.append(fault)

    def settle(self, limit: float, samples: tuple[Mapping[str, object], ...] = ()) -> LoadResult:
        """Return the result; raises BadRowsError when more than `limit` (a share) is bad or no row is good."""
        faults = tuple(sorted(self.faults, key=lambda fault: fault.line))
        result = LoadResult(self.good, self.bad, faults, self.ignored, samples)
        if not self.seen:
            raise BadRowsError(
                "CSV_EMPTY", "the list has no rows below its first one: nobody was loaded, add recipients", result
            )
        if not self.good or self.bad > limit * self.seen:
            raise BadRowsError("CSV_TOO_MANY_ERRORS", _too_many(result, limit), result)
        return result


def _too_many(result: LoadResult, limit: float) -> str:
    first = result.faults[0]
    where = f", column {first.column}" if first.column else ""
    shows_itself = first.code.startswith("ADDR_") or first.excerpt.strip() in first.reason
    found = "" if shows_itself else f", found '{first.excerpt.strip()}'"
    return (
        f"{result.told_bad} and the limit is {limit * 100:.4g} %, so nothing was loaded; the first, "
        f"line {first.line}{where}: {first.reason}{found}; mend the rows and send the list again"
    )
