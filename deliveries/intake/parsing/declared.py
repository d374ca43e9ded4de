"""The encoding that an XML declaration names, whatever its spelling (reference 2): aliases, never a guess."""

import codecs
import contextlib
import re
from typing import Final

from deliveries.charsets import canonical

BOMS_16: Final = {codecs.BOM_UTF16_LE: "utf-16le", codecs.BOM_UTF16_BE: "utf-16be"}
# The charsets that a mail may have hold ASCII where markup is: the parser is told their MIME names.
_DECLARATION: Final = re.compile(
    r"""\ufeff?<\?xml\s+version\s*=\s*(?:"[^"<>]*"|'[^'<>]*')\s+encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']"""
)
_ASCII: Final = {"ascii", "usascii", "ansix341968"}
_UTF_16: Final = {"utf16", "utf16le", "utf16be"}


def known(name: str) -> str:
    """Return the MIME name of an encoding that is read, `utf-16` for all its forms; "" for any other."""
    plain = re.sub(r"[._-]", "", name).lower()
    if plain in _UTF_16:
        return "utf-16"
    return "utf-8" if plain in _ASCII else canonical(name) or _alias(name)


def _alias(name: str) -> str:
    """Return the MIME name that Python's table of aliases leads to (cp819, l1): a table, no look at the bytes."""
    with contextlib.suppress(LookupError):
        return canonical(codecs.lookup(name).name) or ""
    return ""


def to_parse_with(data: bytes) -> str | None:
    """Return what to tell the parser of a file: None where its own reading of the declaration is right.

    A byte order mark wins over what is declared, as the parser has it.
    """
    for mark, name in BOMS_16.items():
        if data.startswith(mark):
            return name if _declared(data[:600].decode("utf-16", "replace")) == "utf-16" else None
    found = _declared(data[:300].decode("utf-8", "replace"))
    if found in {"", "utf-16"}:
        return None
    return "utf-8" if data.startswith(codecs.BOM_UTF8) else found


def _declared(head: str) -> str:
    declaration = _DECLARATION.match(head)
    return known(declaration[1]) if declaration else ""
