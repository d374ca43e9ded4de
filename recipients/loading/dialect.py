"""How a CSV is written: separator, quote, escape, encoding (reference 3.2)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV is written; "" means found out from the file, for `escape` that there is none.

    `escape` is the character after which its writer leaves a quote undoubled, as PHP's fputcsv does; it stays
    part of the value.
    """

    separator: str = ""
    quote: str = ""
    escape: str = ""
    encoding: str = ""
