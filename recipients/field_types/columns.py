"""Whole columns of a list that need no look at each cell: nearly every batch (reference 3.2).

Whatever these take, the reader of the type gives back unchanged (tests/loading holds that).
"""

import re
from collections.abc import Sequence
from typing import Final

from recipients import conf

_SURE_DIGITS: Final = 19  # bigint's largest has as many
PLAIN_ADDRESS: Final = re.compile(
    r"(?=.{6,100}\Z)[A-Za-z0-9_+-]{1,30}(?:\.[A-Za-z0-9_+-]{1,30}){0,1}@"
    r"(?:(?=[a-z0-9-]{1,60}\.)[a-z0-9]+(?:-[a-z0-9]+)*\.){1,3}[a-z]{2,20}"
)
# Prices seldom come again, so that remembering what each was converted to would not help.
PLAIN_DECIMAL: Final = re.compile(r"(?:[0-9]{1,17}(?:\.[0-9]{1,9})?)?")


def are_texts(cells: Sequence[str]) -> bool:
    """Return whether no cell can be at fault: no NUL, no lone surrogate, none too long."""
    return _are_at_most(cells, conf.MAX_VALUE_BYTES)


def are_pages(cells: Sequence[str]) -> bool:
    """Return whether no cell of an HTML column can be at fault."""
    return _are_at_most(cells, conf.MAX_HTML_BYTES)


def _are_at_most(cells: Sequence[str], longest: int) -> bool:
    joined = "".join(cells)
    if "\0" in joined:
        return False
    if not joined.isascii():
        try:
            return len(joined.encode()) <= longest
        except UnicodeEncodeError:
            return False
    return len(joined) <= longest or max(map(len, cells)) <= longest


def are_digits(cells: Sequence[str]) -> bool:
    """Return whether all cells are empty or numbers that bigint holds for sure."""
    joined = "".join(cells)
    return joined.isascii() and joined.isdecimal() and max(map(len, cells)) < _SURE_DIGITS


def are_decimals(cells: Sequence[str]) -> bool:
    """Return whether all cells are empty or plain decimals."""
    return all(map(PLAIN_DECIMAL.fullmatch, cells))


def are_addresses(cells: Sequence[str]) -> bool:
    """Return whether all cells are addresses of the plainest kind."""
    return all(map(PLAIN_ADDRESS.fullmatch, cells))
