"""Headers of any mail, however broken, as text: bytes in, pairs of name and decoded value out; never raises."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

_MOST: Final = 300  # fields: a mail of anybody may be caught
_LONGEST: Final = 8_000  # bytes of one field
_FIELD: Final = re.compile(rb"([!-9;-~]{1,200}):[ \t]*((?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*)\r?\n?")


def headers_of(content: bytes) -> list[tuple[str, str]]:
    """Return the first 300 fields above the empty line, each value unfolded, decoded and at most 8,000 long."""
    found: list[tuple[str, str]] = []
    place = 0
    while len(found) < _MOST and (field := _FIELD.match(content, place)):
        found.append((field[1].decode("ascii"), decoded(field[2])))
        place = field.end()
    return found


def first_of(found: list[tuple[str, str]], name: str) -> str:
    """Return the first value of a field, "" without one."""
    wanted = name.lower()
    return next((value for known, value in found if known.lower() == wanted), "")


def decoded(raw: bytes) -> str:
    """Return a value with its encoded words (RFC 2047) read, what can't be read left as it is."""
    text = re.sub(r"\r?\n", "", raw[:_LONGEST].decode("utf-8", "replace")).strip()
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except HeaderParseError:
        return text
    return "".join(piece if isinstance(piece, str) else as_text(piece, charset) for piece, charset in pieces)


def as_text(content: bytes, charset: str | None) -> str:
    """Return bytes as text in the charset that they claim, else as UTF-8 with marks for what is none."""
    try:
        return content.decode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):  # no such charset; one that is not of text; a zero byte in it
        return content.decode("utf-8", "replace")
