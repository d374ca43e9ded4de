"""The bytes of an instructions file as a tree that nothing hostile came through (reference 2).

Steps: size, how much markup, prolog (no DOCTYPE, an encoding that is read), parse, encoding, shape.
"""

import codecs
from functools import partial
from typing import Any, Final

from lxml import etree

from deliveries.conf import MAX_XML_BYTES
from deliveries.intake.mistakes import unreadable
from deliveries.intake.parsing import extent, prolog
from deliveries.intake.parsing.syntax import DEEPEST, explained, not_as_declared
from recipients import file_kinds
from recipients.faults import Fault

_HEAD: Final = 64 * 1024
_LONGEST_ATTRIBUTE: Final = 64 * 1024
_BOMS_16: Final = tuple(prolog.BOMS_16)
# Control characters in ISO 8859, signs in windows-1252: nobody writes the former.
_C1: Final = bytes(range(0x80, 0xA0))
_TOO_DEEP: Final[Any] = etree.XPath("(" + "/*" * (DEEPEST + 1) + ")[1]")
_SWOLLEN: Final[Any] = etree.XPath(f"(//@*[string-length() > {_LONGEST_ATTRIBUTE}])[1]/..")
# An element that says in XMLSchema-instance's words that it is empty, and is: as if it said nothing.
_NIL_NAME: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NIL: Final[Any] = etree.XPath(
    "/contactlab/campaign/*/message//*[@xsi:nil = 'true' or @xsi:nil = '1' or @xsi:nil = 'false' or @xsi:nil = '0']"
    "[not(*) and not(text()[normalize-space()])]",
    namespaces={"xsi": "http://www.w3.org/2001/XMLSchema-instance"},
)
_OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False,
    "huge_tree": False, "recover": False, "remove_pis": True, "remove_comments": True, "collect_ids": False,
}  # fmt: skip


def load(data: bytes, name: str) -> Any:
    """Return the root element; raises BundleError (XML_ERROR), see the table of codes in reference 2."""
    if len(data) > MAX_XML_BYTES:
        raise unreadable("XML_TOO_LARGE", name, 0, size=len(data))
    if not data.strip(b" \t\r\n\0" + b"".join(_BOMS_16) + codecs.BOM_UTF8):
        raise unreadable("XML_EMPTY", name, 0)
    extent.check(data, name)
    encoding = _encoding(data, name)
    try:
        root = etree.fromstring(data, parser(encoding=encoding))
    except etree.XMLSyntaxError as error:
        _refuse_other_kinds("XML_SYNTAX.kind", data, name)
        raise explained(error, data, name, encoding) from error
    if prolog.mime_name(given := root.getroottree().docinfo.encoding) not in {"utf-8", "utf-16"}:
        _check_legacy(data, given, name)
    _check_shape(root, name)
    for empty in _NIL(root):
        del empty.attrib[_NIL_NAME]
    return root


def parser(target: Any = None, encoding: str | None = None) -> Any:
    """Return a parser that reads nothing but what it is given; `target` gets its events."""
    return etree.XMLParser(encoding=encoding, **_OPTIONS, **({} if target is None else {"target": target}))


def _encoding(data: bytes, name: str) -> str:
    """Return what to tell the parser; what no file may have is refused before there is a tree of it."""
    given, told = prolog.encoding(data)
    head = data if told else data[:_HEAD]
    disguised = not told or data.startswith(_BOMS_16)
    if (disguised or b"<!DOCTYPE" in data) and prolog.has_doctype(head, partial(parser, encoding=told or None)):
        _refuse_other_kinds("XML_DTD_FORBIDDEN.kind", data, name)
        raise unreadable("XML_DTD_FORBIDDEN", name, prolog.doctype_line(data))
    if told:
        return told
    if given == "UTF-32":
        raise unreadable("XML_ENCODING.utf32", name, 1, allowed=_allowed())
    if data[:2].count(0):
        raise unreadable("XML_ENCODING.utf16", name, 1, allowed=_allowed())
    if prolog.mime_name(given):
        raise not_as_declared(data, name, 1, 1)
    raise unreadable("XML_ENCODING.unknown", name, 1, encoding=given, allowed=_allowed())


def _refuse_other_kinds(key: str, data: bytes, name: str) -> None:
    """Name by its first bytes what is not XML: where the parser stopped in it helps nobody."""
    found = file_kinds.kind_of(data)
    if found is not None and found.key != file_kinds.XML:
        raise unreadable(key, name, 0, found=found)


def _check_legacy(data: bytes, given: str, name: str) -> None:
    """Refuse a declaration that would turn "è" into "Ã¨" in a million mails."""
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        raise unreadable("XML_ENCODING_SUSPECT", name, 1, encoding=given)
    if given.lower().startswith("iso") and len(data.translate(None, _C1)) != len(data):
        at = next(i for i, byte in enumerate(data) if 0x80 <= byte < 0xA0)  # noqa: PLR2004  the range of C1 controls
        found = {"encoding": given, "byte": f"{data[at]:02x}"}
        raise unreadable("XML_ENCODING_SUSPECT.windows", name, data.count(b"\n", 0, at) + 1, **found)


def _check_shape(root: Any, name: str) -> None:
    deep = _TOO_DEEP(root)
    if deep:
        raise unreadable("XML_TOO_DEEP", name, deep[0].sourceline, element=deep[0].tag, most=DEEPEST)
    for swollen in _SWOLLEN(root):
        found = {"element": swollen.tag, "most": _LONGEST_ATTRIBUTE // 1024}
        raise unreadable("XML_TOO_LARGE.attribute", name, swollen.sourceline, **found)


def _allowed() -> Fault:
    return Fault.of("encoding.allowed")
