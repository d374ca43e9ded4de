"""What comes before the root: the encoding that is declared, whatever its spelling, and a DOCTYPE (reference 2).

The encoding is read here, by aliases and never by a guess, and told to the parser, which would take any that its
own tables hold, UTF-7 too.
"""

import codecs
import contextlib
import re
from collections.abc import Callable
from typing import Any, Final

from lxml import etree

from deliveries.charsets import canonical

BOMS_16: Final = {codecs.BOM_UTF16_LE: "utf-16le", codecs.BOM_UTF16_BE: "utf-16be"}
_OTHERS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32", b"\0\0\0<": "UTF-32", b"<\0\0\0": "UTF-32",
    b"\0<": "UTF-16", b"<\0": "UTF-16", "<?xm".encode("cp037"): "EBCDIC",
}  # fmt: skip
# The charsets that a mail may have hold ASCII where markup is: the parser is told their MIME names.
_DECLARATION: Final = re.compile(
    r"""<\?xml\s++version\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+')(?:\s++encoding\s*+=\s*+["']([A-Za-z][A-Za-z0-9._-]*+)["'])?"""
    r"""(?:\s++standalone\s*+=\s*+["'](?:yes|no)["'])?\s*+\?>"""
)
# Windows has more signs in its Shift_JIS, and writes them under that name.
_TABLES: Final = {"shift_jis": "CP932"}
_ASCII: Final = {"ascii", "usascii", "ansix341968"}
_UTF_16: Final = {"utf16", "utf16le", "utf16be"}

_DECLARED: Final = re.compile(r"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BEFORE_IT: Final = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)  # possessive: nothing to go back to
_LINE_END: Final = re.compile("\r\n?|\n")


def mime_name(name: str) -> str:
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


def encoding(data: bytes) -> tuple[str, str]:
    """Return the name that a file gives its encoding, and what the parser is told: "" where it isn't read.

    A byte order mark wins over what is declared; without either it is UTF-8. A declaration that is none is told as
    UTF-8 too, in which the parser complains of it.
    """
    for mark, name in _OTHERS.items():
        if data.startswith(mark):
            return name, ""
    for mark, name in {codecs.BOM_UTF8: "utf-8", **BOMS_16}.items():
        if data.startswith(mark):
            return name, name
    end = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    declaration = _DECLARATION.match(data[:end].decode("latin-1"))
    given = (declaration[1] if declaration else None) or "utf-8"
    told = mime_name(given)
    return given, "" if told == "utf-16" else _TABLES.get(told, told)


def python_codec(told: str) -> str:
    """Return Python's name of what the parser was told."""
    return codecs.lookup(told).name


class _Prolog:
    """Sees whether a document type comes before the root, and stops there."""

    found = False

    def doctype(self, *_names: object) -> None:
        self.found = True
        raise StopIteration

    def start(self, *_element: object) -> None:
        raise StopIteration

    def close(self) -> None: ...


def has_doctype(data: bytes, parser: Callable[[Any], Any]) -> bool:
    """Return whether a parser meets a DOCTYPE, in whatever encoding; `parser` makes one for a target."""
    prolog = _Prolog()
    with contextlib.suppress(StopIteration, etree.XMLSyntaxError):
        etree.fromstring(data, parser(prolog))
    return prolog.found


def doctype_line(data: bytes) -> int:
    """Return the line in which a DOCTYPE that is there begins, 1 where its encoding can't be undone."""
    text = data.decode(_codec(data), "replace").removeprefix("\ufeff")
    before = _BEFORE_IT.match(text)
    at = before.end() if before else 0
    return len(_LINE_END.findall(text, 0, at)) + 1 if text.startswith("<!DOCTYPE", at) else 1


def _codec(data: bytes) -> str:
    if data.startswith(tuple(BOMS_16)):
        return "utf-16"
    declared = _DECLARED.search(data[:300].decode("latin-1"))
    with contextlib.suppress(LookupError):
        return codecs.lookup(declared[1] if declared else "utf-8").name
    return "latin-1"
