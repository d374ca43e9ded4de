"""What a load found: how many rows are good and bad, and which are bad and why (reference 3.2)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from recipients import conf
from recipients.csv_lines import csv_lines
from recipients.errors import ClientError, RowFault
from recipients.faults import Fault

_FAULT_COLUMNS: Final = ("file", "line", "column", "code", "reason", "excerpt")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Rows that were loaded and rows that were not.

    `ignored` rows lie behind the most that were asked for and were not checked. `faults` are the first 10,000
    bad rows, while `bad` counts all. `samples` are the typed values of the first good rows, by lower-case name.
    """

    good: int
    bad: int
    faults: tuple[RowFault, ...] = ()
    ignored: int = 0
    samples: tuple[Mapping[str, object], ...] = ()

    @property
    def told_bad(self) -> Fault:
        """How many rows are bad, as a sentence begins."""
        return Fault.of("rows.one_bad" if self.bad == 1 else "rows.bad", bad=self.bad, rows=self.good + self.bad)


class BadRowsError(ClientError):
    """Too many rows are bad, or none is good: nothing was stored; `result` names the bad ones."""

    def __init__(self, fault: Fault, result: LoadResult) -> None:
        super().__init__(fault)
        self.result = result


@dataclass(slots=True)
class Tally:
    """The counts while a load goes on."""

    good: int = 0
    bad: int = 0
    ignored: int = 0
    faults: list[RowFault] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many rows were checked."""
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
            raise BadRowsError(Fault.of("CSV_EMPTY.rows"), result)
        if not self.good or self.bad > limit * self.seen:
            raise BadRowsError(_too_many(result, limit), result)
        return result


def _too_many(result: LoadResult, limit: float) -> Fault:
    row = result.faults[0]
    shows_itself = row.code.startswith("ADDR_") or not row.excerpt.strip() or row.excerpt.strip() in row.reason
    fault = row.fault if shows_itself else Fault.of("row.found", fault=row.fault, found=row.excerpt.strip())
    return Fault.of(
        "CSV_TOO_MANY_ERRORS", bad=result.told_bad, limit=f"{limit * 100:.4g}", first=at_row(row, fault)
    )


def at_row(row: RowFault, fault: Fault | None = None) -> Fault:
    """Return what is wrong with a row, or `fault` in its place, with its line and column before it."""
    if row.column:
        return Fault.of("row.column", line=row.line, column=row.column, fault=fault or row.fault)
    return Fault.of("row.line", line=row.line, fault=fault or row.fault)


def fault_lines(faults: Iterable[tuple[str, RowFault]]) -> Iterator[str]:
    """Yield (file name, fault) pairs as lines of a CSV with a byte order mark, safe to open in a spreadsheet.

    It is `rows.<xml file name>.csv` on the space, and the admin's download; sentences are in the active language.
    """
    return csv_lines(_fault_rows(faults), mark=True)


def _fault_rows(faults: Iterable[tuple[str, RowFault]]) -> Iterator[tuple[object, ...]]:
    yield _FAULT_COLUMNS
    for file, fault in faults:
        yield file, fault.line, fault.column, fault.code, fault.reason, fault.excerpt
