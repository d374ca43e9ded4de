"""A stranger's words as they are kept and shown: one line, no control characters, bounded."""

import re
from typing import Final

MOST_TEXT: Final = 500  # characters, as the columns of replies have
_UNCLEAN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def clean(text: str) -> str:
    """Return text of a stranger in one line without control characters, at most 500 characters."""
    if text.isprintable():  # nearly every reply; what isn't holds all that is taken out
        return text.strip()[:MOST_TEXT]
    return _UNCLEAN.sub(" ", _ANSI.sub("", text)).strip()[:MOST_TEXT]
