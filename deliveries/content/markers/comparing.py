"""Comparisons of reference 2.6: null equals only null and "", numbers compare as numbers, never an error."""

import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,60}(?:[.,][0-9]{1,60})?\s*", re.ASCII)
_ITALIAN_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(.*)", re.ASCII | re.DOTALL)


def truth(value: object) -> bool:
    """Return whether a bare value holds: null, empty text and false don't, everything else does (0 too)."""
    return value is not None and value is not False and value != ""


def compare(left: object, sign: str, right: object, show: Callable[[object], str]) -> bool:
    """Compare two values; two that can't be compared differ, and none is the smaller. `show` prints one."""
    if left is None or right is None:
        same = left in {None, ""} and right in {None, ""}
        return same if sign == "==" else not same if sign == "!=" else False
    pair = _pair(left, right, show)
    if pair is None:
        return sign == "!="
    return _SIGNS[sign](*pair)


def _pair(left: object, right: object, show: Callable[[object], str]) -> tuple[Any, Any] | None:
    """Return both as things of one kind, or None."""
    if _is_number(left) or _is_number(right):
        numbers = _number(left), _number(right)
        return None if numbers[0] is None or numbers[1] is None else numbers
    if isinstance(left, date) or isinstance(right, date):
        moments = _moment(left), _moment(right)
        return None if moments[0] is None or moments[1] is None else moments
    return show(left), show(right)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _number(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value.strip().replace(",", ".")) if _NUMBER.fullmatch(value) else None
    if isinstance(value, int | float | Decimal):
        try:
            return Decimal(str(int(value) if isinstance(value, bool) else value))
        except InvalidOperation:
            return None
    return None


def _moment(value: object) -> datetime | None:
    """Return a moment without a zone: dates begin at midnight, text is read as ISO or dd/mm/yyyy."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  wall clock against wall clock
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(_ITALIAN_DAY.sub(r"\3-\2-\1\4", value.strip()))
    except ValueError:
        return None
    return moment.replace(tzinfo=None)
