"""A table for people who read a command's output: a header, and columns below one another."""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

_GAP: Final = "  "


def lines(
    header: Sequence[str], rows: Sequence[Sequence[object]], right: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield the header and the rows; columns named in `right` are of numbers. The last column is never padded."""
    texts = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[column]) for row in texts) for column in range(len(header))]
    for row in texts:
        cells = [
            _padded(cell, width, to_the_right=name in right)
            for cell, width, name in zip(row, widths, header, strict=True)
        ]
        yield _GAP.join([*cells[:-1], row[-1]]).rstrip()


def moment(when: datetime | None) -> str:
    """Return a time of the machine's zone to the second, "" for none."""
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S}" if when else ""


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int, *, to_the_right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if to_the_right else text + blanks
