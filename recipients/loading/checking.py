"""Checking and converting rows, a batch and a column at a time (reference 3.2).

What holds for nearly every batch is found by a few calls on the whole column; only a column where that fails
is looked at cell by cell.
"""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import compress
from typing import Final

from recipients.errors import RowFault
from recipients.faults import Fault, showable
from recipients.field_types import FIELD_TYPES, ValueFault, converters
from recipients.loading.records import Batch
from recipients.tables import Column

_KEPT: Final = 20_000  # values of a column that are remembered with what they were converted to
# By position. Not the exceptions: their frames and causes hold more memory than the rows.
_Faults = dict[int, Fault]


class _Memory(dict[str, str]):
    """What each value was converted to: dates, booleans and numbers come again and again."""

    def __init__(self, convert: Callable[[str], str]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: str) -> str:
        converted = self._convert(value)
        if len(self) >= _KEPT:
            self.clear()
        self[value] = converted
        return converted


def _one_by_one(cells: Sequence[str], convert: Callable[[str], str], faults: _Faults) -> list[str]:
    converted = []
    for position, cell in enumerate(cells):
        try:
            converted.append(convert(cell))
        except ValueFault as error:
            faults.setdefault(position, error.fault)
            converted.append("")
    return converted


class RowChecker:
    """Converts rows of `columns` (a list's, in its order) to what COPY reads, and names the bad ones.

    A time that gives its offset becomes the clock of `zone`, the account's.
    """

    def __init__(self, columns: Sequence[Column], zone: tzinfo) -> None:
        self._columns = columns
        self._convert = converters(zone)
        self._memories = {kind: _Memory(convert) for kind, convert in self._convert.items()}

    def check(self, batch: Batch, fault: Callable[[RowFault], None]) -> list[tuple[str, ...]]:
        """Return the good rows, converted and not escaped; `fault` is called once with each other."""
        faults: dict[int, tuple[int, Fault]] = {}
        converted = []
        for place, (column, cells) in enumerate(zip(self._columns, zip(*batch.rows, strict=True), strict=True)):
            found: _Faults = {}
            converted.append(self._column(column, cells, found))
            for position, why in found.items():
                faults.setdefault(position, (place, why))
        rows = list(zip(*converted, strict=True))
        if not faults:
            return rows
        for position in sorted(faults):
            place, why = faults[position]
            cell = showable(batch.rows[position][place])
            fault(RowFault(batch.lines[position], self._columns[place].name, why, cell))
        return list(compress(rows, (position not in faults for position in range(len(rows)))))

    def _column(self, column: Column, cells: Sequence[str], faults: _Faults) -> Sequence[str]:
        row, convert = FIELD_TYPES[column.type], self._convert[column.type]
        if row.are_plain is not None and row.are_plain(cells):
            return cells
        if row.family == "text":  # each is another, so remembering would not help
            return _one_by_one(cells, convert, faults)
        try:
            return list(map(self._memories[column.type].__getitem__, cells))
        except ValueFault:
            return _one_by_one(cells, convert, faults)


def copy_text(rows: Sequence[Sequence[str]], constant: str | None) -> bytes:
    """Return rows as COPY's text format with NULL '' reads them; `constant` is one more column's plain value."""
    end = "\n" if constant is None else f"\t{constant}\n"
    joined = list(map("\t".join, rows))
    text = "".join(joined)
    width = len(rows[0]) if rows else 0
    if "\\" in text or "\n" in text or "\r" in text or text.count("\t") != len(rows) * (width - 1):
        joined = ["\t".join(map(_escaped, row)) for row in rows]
    joined.append("")
    return end.join(joined).encode()


_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _escaped(cell: str) -> str:
    return cell.translate(_ESCAPES)
