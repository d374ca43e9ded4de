"""The charsets a mail may have, under the names that clients write (reference 2.5)."""

import re
from typing import Final

_KNOWN: Final = {
    "utf8": "utf-8",
    "iso88591": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso885915": "iso-8859-15",
    "latin9": "iso-8859-15",
    "windows1252": "windows-1252",
    "cp1252": "windows-1252",
    "shiftjis": "shift_jis",
    "sjis": "shift_jis",
}


def canonical(name: str) -> str | None:
    """Return the MIME name of a charset in any spelling (Cp1252, ISO_8859_15, UTF_8), or None if it isn't one."""
    return _KNOWN.get(re.sub(r"[\s_-]", "", name).lower())


def can_write(charset: str, text: str) -> bool:
    """Tell whether a charset has every character of a text."""
    if text.isascii():
        return True
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
