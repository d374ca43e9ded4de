"""How a mistake in an instructions file is put: one sentence with file, line, value and what to do."""

from collections.abc import Sequence
from typing import Final

from deliveries.errors import BundleError

MOST_PROBLEMS: Final = 20
_LONGEST_VALUE: Final = 80


def shown(value: str) -> str:
    """Return a value as a sentence shows it: quoted, control characters escaped, at most 80 characters."""
    cut = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
    return f"“{escaped(cut)[:_LONGEST_VALUE]}”"


def escaped(text: str) -> str:
    """Return a text with what is not printable written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def unreadable(code: str, file: str, line: int, sentence: str, *, element: str = "") -> BundleError:
    """Return an XML_ERROR; file and line are put before the sentence."""
    where = f"{file} line {line}" if line else file
    return BundleError(code, f"{where}: {sentence}", sub_status="XML_ERROR", file=file, line=line, element=element)


def together(problems: Sequence[BundleError]) -> BundleError:
    """Return the first problem with all of them (at most 20) hanging on it."""
    first = problems[0]
    first.problems = tuple(problems[:MOST_PROBLEMS])
    return first
