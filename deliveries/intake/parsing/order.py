"""Which elements the schema has where, for what is in the wrong place or is missing (reference 2)."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from recipients.faults import Fault

XSD: Final = Path(__file__).resolve().parent.parent / "xmldelivery.xsd"

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_ELEMENT: Final = f"{_XS}element"
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( (.*?) \)")


@cache
def document() -> Any:
    """Return the schema as a tree."""
    return etree.parse(XSD)


def complaint(message: str, element: str, siblings: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return what is wrong with an element that the schema did not expect where it is, or lacks below it."""
    expected = _EXPECTED.search(message)
    known = [each.strip() for each in expected[1].split(", ")] if expected else []
    names = [f"<{each}>" for each in known if each.isidentifier()]
    there = {"names": _one_of(names)}
    if "Missing child element" in message:
        return "XML_MISSING_ELEMENT", there
    if element not in _names():
        return "XML_UNKNOWN_ELEMENT.there" if names else "XML_UNKNOWN_ELEMENT", there
    return _misplaced(element, siblings, known, there)


def _misplaced(
    element: str, siblings: tuple[str, ...], known: list[str], there: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    if element == "body" and "preferred_content" not in siblings:
        return "XML_MISSING_ELEMENT.preferred", {}
    if siblings.count(element) > 1 and element not in _repeatable():
        return "XML_ORDER.twice", {}
    if len(known) == 1 and known[0] not in siblings and known[0] not in _optional():
        return "XML_MISSING_ELEMENT.before", there
    later = _first_of_later(element, siblings)
    if later:
        return "XML_ORDER.before", {"other": later}
    return "XML_ORDER" if there["names"] else "XML_ORDER.excluded", there


def _first_of_later(element: str, siblings: tuple[str, ...]) -> str:
    """Return which of the elements before it belongs after it, "" where none does."""
    before = siblings[: siblings.index(element)] if element in siblings else ()
    for order in _orders():
        if element in order:
            behind = order[order.index(element) + 1 :]
            found = next((each for each in before if each in behind), "")
            if found:
                return found
    return ""


def _one_of(names: list[str]) -> Fault | str:
    return Fault.of("names.one_of", names=names) if len(names) > 1 else "".join(names)


@cache
def _names() -> frozenset[str]:
    """Return every element that the schema declares."""
    return frozenset(each.get("name") for each in document().iterfind(f".//{_ELEMENT}"))


@cache
def _repeatable() -> frozenset[str]:
    """Return every element that may come again beside itself."""
    found = document().iterfind(f".//{_ELEMENT}[@maxOccurs='unbounded']")
    return frozenset(each.get("name") for each in found)


@cache
def _optional() -> frozenset[str]:
    """Return every element that may be left out wherever the schema has it."""
    needed = {each.get("name") for each in document().iterfind(f".//{_ELEMENT}") if each.get("minOccurs") != "0"}
    return _names() - needed


@cache
def _orders() -> tuple[tuple[str, ...], ...]:
    """Return the orders that the schema fixes: the elements of each sequence, those of sequences inside it too."""
    return tuple(
        tuple(each.get("name") for each in sequence.iter(_ELEMENT) if _outer(each) is sequence)
        for sequence in document().iter(f"{_XS}sequence")
        if sequence.getparent().tag == f"{_XS}complexType"
    )


def _outer(element: Any) -> Any:
    """Return the outermost group around an element, within the type that it is in."""
    found = element.getparent()
    while found.getparent().tag in {f"{_XS}sequence", f"{_XS}choice"}:
        found = found.getparent()
    return found
