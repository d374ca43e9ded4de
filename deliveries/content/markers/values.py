"""How a value is printed, by its type and the account's language (reference 2.6)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from deliveries.content.source import Clicks, ComposeError

MOST_WORK: Final = 40_000_000  # characters: a message of the longest size, and what its conditions need


def print_value(value: object, *, italian: bool) -> str:
    """Return the value as a reader sees it; nothing for null."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        digits = format(value, "f")
        return digits.replace(".", ",") if italian else digits
    if isinstance(value, date):
        return _print_date(value, italian=italian)
    return str(value)


def _print_date(value: date, *, italian: bool) -> str:
    day = (
        f"{value.day:02}/{value.month:02}/{value.year:04}"
        if italian
        else f"{value.year:04}-{value.month:02}-{value.day:02}"
    )
    return f"{day} {value.hour:02}:{value.minute:02}" if isinstance(value, datetime) else day


class Scope:
    """One person's values by lower-case name; those that this product knows itself give way to a field.

    `values` are as typed. `click` makes the address by way of us from a link's number and target, None where links
    go out as they are.
    """

    __slots__ = ("_italian", "_left", "_printed", "click", "values")

    def __init__(
        self,
        values: Mapping[str, object],
        own: Mapping[str, object],
        *,
        italian: bool,
        click: Clicks | None = None,
    ) -> None:
        self.click = click
        self.values = {**own, **values}
        self._italian = italian
        self._printed: dict[str, str] = {}
        self._left = MOST_WORK

    def value(self, name: str) -> object:
        """Return a value as typed."""
        return self.values.get(name)

    def text(self, name: str) -> str:
        """Return a value as printed."""
        value = self.values.get(name)
        if type(value) is str:  # nearly all
            return value
        printed = self._printed.get(name)
        if printed is None:
            printed = self._printed[name] = print_value(value, italian=self._italian)
        return printed

    def spend(self, characters: int) -> None:
        """Count what is made for one message; raises ComposeError where markers multiply a long value."""
        self._left -= characters
        if self._left < 0:
            raise ComposeError("MSG_TOO_BIG.values")

    def show(self, value: object) -> str:
        """Return any value as printed for this reader."""
        return print_value(value, italian=self._italian)
