"""How a CSV is written: separator, quote, escape, encoding, declared or found out (reference 3.2)."""

import io
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

SEPARATORS: Final = ",;\t|"
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\n|\r|$)', re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters of one CSV: none is empty but `escape`."""

    separator: str
    quote: str
    escape: str = ""


def without_sep_line(text: str, dialect: Dialect) -> tuple[str, Dialect]:
    """Return a text without the line `sep=;` that spreadsheets begin with, and the dialect that obeys it."""
    found = _SEP_LINE.match(text)
    return (text[found.end() :], replace(dialect, separator=found[1])) if found else (text, dialect)


def marks_of(text: str, dialect: Dialect, required: str) -> Marks:
    """Return the marks of a CSV that begins so; a separator that nobody declared is found in its first line.

    It is the one by which the line names the field `required`, then the one that makes most names of it.
    """
    quote = dialect.quote or '"'
    if dialect.separator:
        return Marks(dialect.separator, quote, dialect.escape)
    first = next(io.StringIO(text.lstrip("\r\n"), newline=""), "")

    def fits(separator: str) -> tuple[bool, int]:
        names = [name.strip().strip(quote).lower() for name in first.split(separator)]
        return required.lower() in names, len(names)

    return Marks(max(SEPARATORS, key=fits), quote, dialect.escape)


@cache
def _beside_quotes(marks: Marks) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds a blank between a separator and a quote, and what walks over a text cell by cell."""
    mark, end = re.escape(marks.quote), f"[{re.escape(marks.separator)}\\r\\n]"
    anywhere = re.compile(f"(?:^|{end}) +{mark}|{mark} +{end}")
    quoted = f"{mark}(?:[^{mark}]++|{mark}{mark})*+{mark}"  # possessive: nothing to go back to
    return anywhere, re.compile(f" *+({quoted}) *+(?={end}|\\Z)|[^{end[1:-1]}]++")


def tightened(lines: list[str], marks: Marks) -> list[str]:
    """Return lines of whole records without the blanks between a separator and a quoted value beside it.

    Python's reader can pass over such blanks only together with those that unquoted values begin with.
    """
    text = "".join(lines)
    if f" {marks.quote}" not in text and f"{marks.quote} " not in text:  # nearly always, found out 20 times as fast
        return lines
    anywhere, cells = _beside_quotes(marks)
    if not anywhere.search(text):
        return lines
    return list(io.StringIO(cells.sub(lambda found: found[1] or found[0], text), newline=""))


def undoubled(lines: list[str], marks: Marks) -> list[str]:
    """Return lines with the quotes doubled that the writer left undoubled after its escape character."""
    if not marks.escape:
        return lines
    found, doubled = marks.escape + marks.quote, marks.escape + 2 * marks.quote
    return [line.replace(found, doubled) for line in lines]
