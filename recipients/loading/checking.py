"""Checking and converting rows, a batch and a column at a time (reference 3.2).

What holds for nearly every batch is found by a few calls on the whole column; only a column where that fails
is looked at cell by cell.
"""

import re
from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import compress
from typing import Final

from recipients import conf
from recipients.errors import RowFault
from recipients.faults import Fault, showable
from recipients.loading.records import Batch
from recipients.models import FieldType
from recipients.tables import Column
from recipients.typed_values import ValueFault, converters

_TEXTS: Final = frozenset({FieldType.STRING, FieldType.TEXT, FieldType.HTML, FieldType.PHONE})
_SURE_DIGITS: Final = 19  # bigint's largest has as many
_KEPT: Final = 20_000  # values of a column that are remembered with what they were converted to
# Whatever this takes, addresses.judge gives back unchanged (tests/loading holds that).
PLAIN_ADDRESS: Final = re.compile(
    r"(?=.{6,100}\Z)[A-Za-z0-9_+-]{1,30}(?:\.[A-Za-z0-9_+-]{1,30}){0,1}@"
    r"(?:(?=[a-z0-9-]{1,60}\.)[a-z0-9]+(?:-[a-z0-9]+)*\.){1,3}[a-z]{2,20}"
)
# Whatever this takes, values.py gives back unchanged too: prices seldom come again, and remembering is no help.
PLAIN_DECIMAL: Final = re.compile(r"(?:[0-9]{1,17}(?:\.[0-9]{1,9})?)?")

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


def _is_plain(cells: Sequence[str], longest: int) -> bool:
    """Return whether no cell can be at fault: no NUL, no lone surrogate, none too long."""
    joined = "".join(cells)
    if "\0" in joined:
        return False
    if not joined.isascii():
        try:
            return len(joined.encode()) <= longest
        except UnicodeEncodeError:
            return False
    return len(joined) <= longest or max(map(len, cells)) <= longest


def _are_digits(cells: Sequence[str]) -> bool:
    """Return whether all cells are empty or numbers that bigint holds for sure."""
    joined = "".join(cells)
    return joined.isascii() and joined.isdecimal() and max(map(len, cells)) < _SURE_DIGITS


class RowChecker:
    """Converts rows of `columns` (a list's, in its order) to what COPY reads, and names the bad ones.

    A time that gives its offset becomes the clock of `zone`, the account's.
    """

    def __init__(self, columns: Sequence[Column], zone: tzinfo) -> None:
        self._columns = columns
        self._convert = converters(zone)
        self._memories = {kind: _Memory(convert) for kind, convert in self._convert.items()}

    def check(self, batch: Batch, fault: Callable[[RowFault], None]) -> list[tuple[str, ...]]:
        """Return the good rows, converted and not escaped; `fault` hears of the others, once each."""
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
        kind = column.type
        convert = self._convert[kind]
        if kind in _TEXTS:
            longest = conf.MAX_HTML_BYTES if kind == FieldType.HTML else conf.MAX_VALUE_BYTES
            return cells if _is_plain(cells, longest) else _one_by_one(cells, convert, faults)
        if kind == FieldType.EMAIL:
            return cells if all(map(PLAIN_ADDRESS.fullmatch, cells)) else _one_by_one(cells, convert, faults)
        if kind == FieldType.INTEGER and _are_digits(cells):
            return cells
        if kind == FieldType.DECIMAL and all(map(PLAIN_DECIMAL.fullmatch, cells)):
            return cells
        try:
            return list(map(self._memories[kind].__getitem__, cells))
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
