"""An id as somebody writes it: in an address, in a form, in a search."""

from typing import Final

_DIGITS: Final = 18  # a bigint holds every number of so many; PostgreSQL refuses a larger one with an error


def id_in(text: str) -> int | None:
    """Return the id that plain digits name; None for any other text, and for more than any table has.

    Where a row is wanted, `or 0` asks for one that is never there.
    """
    return int(text) if len(text) <= _DIGITS and text.isascii() and text.isdigit() else None
