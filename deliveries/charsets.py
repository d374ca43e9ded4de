"""The charsets a mail may have, under the names that clients write (reference 2.5)."""

import re
from typing import Final

_KNOWN: Final = {
    "utf8": "utf-8",
    "iso88591": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso885915": "iso-8859-15",
    "latin9": "iso-8859-15",
    "88591": "iso-8859-1",  # Java's old names
    "885915": "iso-8859-15",
    "windows1252": "windows-1252",
    "cp1252": "windows-1252",
    "xcp1252": "windows-1252",
    "shiftjis": "shift_jis",
    "sjis": "shift_jis",
    **dict.fromkeys(("l1", "cp819", "ibm819", "isoir100", "csisolatin1"), "iso-8859-1"),
    **dict.fromkeys(("l9", "csisolatin9"), "iso-8859-15"),
    # Microsoft's table has some signs more, which are refused as any byte that the encoding lacks.
    **dict.fromkeys(("xsjis", "csshiftjis", "mskanji", "ms932", "cp932", "windows31j"), "shift_jis"),
}


_TAKEN_FOR_OTHERS: Final = re.compile("[¥‾]")


def canonical(name: str) -> str | None:
    """Return the MIME name of a charset in any spelling (Cp1252, ISO_8859_15, UTF_8), or None if it isn't one."""
    return _KNOWN.get(re.sub(r"[\s_-]", "", name).lower())


def can_write(charset: str, text: str) -> bool:
    """Return whether a charset has every character of a text."""
    if text.isascii():
        return True
    try:
        encoded(text, charset)
    except UnicodeEncodeError:
        return False
    return True


def encoded(text: str, charset: str, errors: str = "strict") -> bytes:
    """Return the text's bytes; raises UnicodeEncodeError, also where Python takes a sign for another one.

    Its shift_jis writes ¥ and ‾ as the bytes of backslash and ~ (JIS X 0201): most readers show those.
    """
    if charset == "shift_jis":
        wrong = _TAKEN_FOR_OTHERS.search(text)
        if wrong is not None:
            raise UnicodeEncodeError(charset, text, wrong.start(), wrong.end(), "it is written as another sign")
    return text.encode(charset, errors)
