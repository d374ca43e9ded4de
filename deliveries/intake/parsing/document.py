"""The bytes of an instructions file as a tree that nothing hostile came through (reference 2).

Steps: size, how much markup, prolog (no DOCTYPE, an encoding that is read), parse, encoding, shape.
"""

import codecs
import re
from functools import partial
from typing import Any, Final

from lxml import etree

from deliveries.conf import MAX_XML_BYTES
from deliveries.intake.parsing import declared, doctype, extent
from deliveries.intake.parsing.extent import REMOVE
from deliveries.intake.parsing.faults import escaped, shown, unreadable

_DEEPEST: Final = 32
_HEAD: Final = 64 * 1024
_LONGEST_ATTRIBUTE: Final = 64 * 1024
_BOMS_16: Final = tuple(declared.BOMS_16)
_ALLOWED: Final = (
    "write it in UTF-8 (or UTF-16 with a byte order mark, ISO-8859-1, ISO-8859-15, windows-1252, Shift_JIS)"
)
_C1: Final = bytes(range(0x80, 0xA0))
_TOO_DEEP: Final[Any] = etree.XPath("(" + "/*" * (_DEEPEST + 1) + ")[1]")
_SWOLLEN: Final[Any] = etree.XPath(f"(//@*[string-length() > {_LONGEST_ATTRIBUTE}])[1]/..")
_OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False,
    "huge_tree": False, "recover": False, "remove_pis": True, "remove_comments": True, "collect_ids": False,
}  # fmt: skip

# What the parser itself refuses because of size: its own limits stand behind ours.
_DEPTH_WORDS: Final = "Excessive depth"
_SIZE_WORDS: Final = ("too long", "too big", "Buffer size limit", "huge", "Resource limit", "exceed")
_ENCODING_WORDS: Final = ("encoding", "Invalid bytes", "Input is not proper")


def load(data: bytes, name: str) -> Any:
    """Return the root element; raises BundleError (XML_ERROR), see the table of codes in reference 2."""
    if len(data) > MAX_XML_BYTES:
        raise unreadable(
            "XML_TOO_LARGE", name, 0, f"{len(data):,} bytes; an instructions file has at most 10 MB: "
            "put the recipients into a CSV",
        )  # fmt: skip
    if not data.strip(b" \t\r\n\0" + b"".join(_BOMS_16) + codecs.BOM_UTF8):
        raise unreadable("XML_EMPTY", name, 0, "the file is empty: write it whole before the semaphore")
    extent.check(data, name)
    encoding = _encoding(data, name)
    try:
        root = etree.fromstring(data, parser(encoding=encoding))
    except etree.XMLSyntaxError as error:
        raise _syntax(error, data, name) from error
    if declared.known(given := root.getroottree().docinfo.encoding) not in {"utf-8", "utf-16"}:
        _check_legacy(data, given, name)
    _check_shape(root, name)
    return root


def parser(target: Any = None, encoding: str | None = None) -> Any:
    """Return a parser that reads nothing but what it is given; `target` gets its events."""
    return etree.XMLParser(encoding=encoding, **_OPTIONS, **({} if target is None else {"target": target}))


def _encoding(data: bytes, name: str) -> str:
    """Return what to tell the parser; what no file may have is refused before there is a tree of it."""
    given, told = declared.encoding(data)
    head = data if told else data[:_HEAD]
    disguised = not told or data.startswith(_BOMS_16)
    if (disguised or b"<!DOCTYPE" in data) and doctype.stands_in(head, partial(parser, encoding=told or None)):
        raise unreadable(
            "XML_DTD_FORBIDDEN", name, doctype.line(data), "a DOCTYPE is not accepted: remove it and its entities"
        )
    if told:
        return told
    if given == "UTF-32":
        raise unreadable("XML_ENCODING", name, 1, f"the file is UTF-32: {_ALLOWED}")
    if data[:2].count(0):
        raise unreadable("XML_ENCODING", name, 1, f"the file is UTF-16 without a byte order mark: {_ALLOWED}")
    if declared.known(given):
        raise _not_as_declared(data, name, 1, 1)
    raise unreadable("XML_ENCODING", name, 1, f"encoding {shown(given)} is not read: {_ALLOWED}")


def _check_legacy(data: bytes, given: str, name: str) -> None:
    """Refuse a declaration that would turn "è" into "Ã¨" in a million mails."""
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        raise unreadable(
            "XML_ENCODING_SUSPECT", name, 1, f"declared {given}, but the bytes are UTF-8: "
            'write encoding="utf-8" in the first line',
        )  # fmt: skip
    if given.lower().startswith("iso") and len(data.translate(None, _C1)) != len(data):
        at = next(i for i, byte in enumerate(data) if 0x80 <= byte < 0xA0)  # noqa: PLR2004  the range of C1 controls
        raise unreadable(
            "XML_ENCODING_SUSPECT", name, data.count(b"\n", 0, at) + 1, f"declared {given}, but byte "
            f"0x{data[at]:02x} is no character of it: the file looks like windows-1252, declare that",
        )  # fmt: skip


def _check_shape(root: Any, name: str) -> None:
    deep = _TOO_DEEP(root)
    if deep:
        line, element = deep[0].sourceline, deep[0].tag[:80]
        raise unreadable("XML_TOO_DEEP", name, line, f"<{element}> is nested {_SO_DEEP}", element=element)
    for swollen in _SWOLLEN(root):
        raise unreadable(
            "XML_TOO_LARGE", name, swollen.sourceline, f"<{swollen.tag[:80]}> has an attribute of more than "
            f"{_LONGEST_ATTRIBUTE // 1024} KB: {REMOVE}",
        )  # fmt: skip


_SO_DEEP: Final = f"more than {_DEEPEST} deep: {REMOVE}"


_NO_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


def _syntax(error: Any, data: bytes, name: str) -> Exception:
    """Put the parser's complaint into our words."""
    line, column = error.position or (0, 0)
    words = str(error.msg).replace("\n", " ").rsplit(", line ", 1)[0].strip()
    if _DEPTH_WORDS in words:
        return unreadable("XML_TOO_DEEP", name, line, f"elements are nested {_SO_DEEP}")
    if any(mark in words for mark in _ENCODING_WORDS) or (b"\0" in data[:4] and not data.startswith(_BOMS_16)):
        return _not_as_declared(data, name, line, column)
    if any(mark in words for mark in _SIZE_WORDS) and "Name too long" not in words:
        return unreadable("XML_TOO_LARGE", name, line, f"a text or attribute is too large: {REMOVE}")
    # The parser calls a CDATA section with such a character unfinished, which it is not.
    said = _forbidden(data, line) or f"column {column}: not well-formed: {escaped(words[:160])}"
    return unreadable("XML_SYNTAX", name, line, said)


def _forbidden(data: bytes, line: int) -> str:
    """Return what is wrong where the file's first character that XML never has (1.0, 2.2) stands in that line."""
    found = _NO_XML.search(data)
    if found is None or data.count(b"\n", 0, found.start()) + 1 != line:
        return ""
    before = data[data.rfind(b"\n", 0, found.start()) + 1 : found.start()].decode("utf-8", "replace")
    sign = ord(found[0].decode("utf-8"))
    return f"column {len(before) + 1}: the character U+{sign:04X} may not stand in XML: take it out"


def _not_as_declared(data: bytes, name: str, line: int, column: int) -> Exception:
    return unreadable(
        "XML_ENCODING", name, line, f"column {column}: {_bad_byte(data)}the file is not in the encoding that "
        f"it declares (UTF-8 where it declares none): {_ALLOWED}, and declare it",
    )  # fmt: skip


def _bad_byte(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte 0x{data[error.start]:02x} at {error.start + 1}: "
    return ""
