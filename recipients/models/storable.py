"""What a JSON column can hold and a page can show again, and what to say of anything else."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _

# Our own structures end at ten levels; what reads and writes JSON gives up at a thousand.
DEEPEST: Final = 100
_MOST_BITS: Final = 1_000


def is_too_deep(value: object) -> bool:
    """Return whether lists and objects lie deeper in each other than anything of ours."""
    return any(depth > DEEPEST for _each, depth in _walk(value))


def unstorable(value: object) -> str:
    """Return why a decoded value can't be kept, "" when it can."""
    for each, depth in _walk(value):
        if depth > DEEPEST:
            return _("It is nested too deeply: %(most)d levels are the most.") % {"most": DEEPEST}
        if reason := _wrong(each):
            return reason
    return ""


def _walk(value: object) -> Iterator[tuple[object, int]]:
    """Yield everything that lies in a value with its depth, without a call a level."""
    left = [(value, 0)]
    while left:
        here, depth = left.pop()
        yield here, depth
        within = (*here.keys(), *here.values()) if isinstance(here, Mapping) else here
        if isinstance(within, list | tuple):
            left += ((each, depth + 1) for each in within)


def _wrong(value: object) -> str:
    if isinstance(value, str):
        half = any("\ud800" <= sign <= "\udfff" for sign in value)
        return _("It holds a character that no text can hold: take it out.") if half or "\0" in value else ""
    if isinstance(value, float | int):
        endless = value.bit_length() > _MOST_BITS if isinstance(value, int) else not math.isfinite(value)
        return _("It holds a number of too many digits: shorten it.") if endless else ""
    if value is None or isinstance(value, Mapping | list | tuple):
        return ""
    return _("It holds a day or a time: write it in quotes.")
