"""A tree with mistakes, shortened to what its first mistakes need (reference 2: at most 20 are told).

libxml2 has no way to stop, and for each mistake it counts the siblings before it: 16,000 recipients with ten wrong
attributes each took 18 s. Only what the schema itself calls wrong decides, so its sentences and their order stay. A
tree that is right stays as it is.
"""

import re
from copy import deepcopy
from functools import cache
from itertools import islice
from typing import Any, Final

from lxml import etree

from deliveries.intake.mistakes import MOST_PROBLEMS

_MANY: Final = 200  # siblings among which a mistake is found at once
# Where a list is below the channel, and which of its items may be wrong: the good ones of the long lists of
# people are known without a look by the schema.
_PERSON: Final = "[@* or text()[normalize-space()]]"
_LISTS: Final[dict[str, Any]] = {
    path: etree.XPath(suspects)
    for path, suspects in {
        "recipients/new_recipients": f"recipient{_PERSON}",
        "recipients/test_recipients": f"test_recipient{_PERSON}",
        "delivery/schedule_report": "report_recipient",
        "notes": "note",
        "message/attachments": "attachment",
    }.items()
}
_NAMES: Final = {path.rpartition("/")[2] for path in _LISTS}
# Each text where none belongs is a mistake of its own to libxml2, and the same one to us.
_TALKING: Final[Any] = etree.XPath("self::*[text()[normalize-space()][2]]")
_TALKERS: Final[Any] = etree.XPath("*[self::recipient or self::test_recipient][text()[normalize-space()][2]]")
_ITEM: Final = re.compile(r"/\w+/\w+(?:\[(\d+)\])?")
_ELEMENT: Final = "{http://www.w3.org/2001/XMLSchema}element"


def shorten(root: Any, document: Any, many: int = _MANY) -> None:
    """Take what is right out of lists of `many` that have mistakes, and what comes after the first 20."""
    _cut(root)
    for path, suspects in _LISTS.items():
        for parent in root.iterfind(f"campaign/*/{path}"):
            items = suspects(parent)
            for element in (*_TALKING(parent), *(_TALKERS(parent) if items else ())):
                _leave_one_text(element)
            if items and len(parent) > many and (wrong := _wrong(items, parent.tag, document, many)):
                _keep(parent, wrong)


def _cut(element: Any) -> None:
    """Nothing but a list has many children: where there are so many, the schema has long given up.

    It is asked all the same whether one of a name is there, so the first of each stays.
    """
    later: dict[str, Any] = {}
    for child in element[_MANY:]:
        later.setdefault(child.tag, child)
    del element[_MANY:]
    element.extend(islice(later.values(), _MANY))
    for child in element:
        if child.tag not in _NAMES:
            _cut(child)


def _leave_one_text(element: Any) -> None:
    said = _printed(element.text)
    for child in element:
        if said:
            child.tail = None
        said = said or _printed(child.tail)


def _wrong(items: list[Any], tag: str, document: Any, many: int) -> list[Any]:
    """Return the first 20 of the items that the schema refuses, checked by copies in a list of their own."""
    found: list[Any] = []
    schema = etree.XMLSchema(_with_lists(document))
    for start in range(0, len(items), many):
        some = items[start : start + many]
        alone = etree.Element(tag)
        alone.extend(deepcopy(some))
        if not schema.validate(alone):
            found += [some[place] for place in _places(schema.error_log)]
        if len(found) >= MOST_PROBLEMS:
            break
    return found[:MOST_PROBLEMS]


def _places(log: Any) -> list[int]:
    """Return which items are complained of, in order; a mistake of the list itself has no number."""
    matches = {_ITEM.match(entry.path) for entry in log}
    return sorted({int(match[1] or 1) - 1 for match in matches if match})


def _keep(parent: Any, wrong: list[Any]) -> None:
    """Leave the wrong items and what the schema answers by: the first of a row of items, what is none, a text."""
    item, needed, kept = wrong[0].tag, {*wrong, parent.find(wrong[0].tag)}, []
    before, said, others = "", _printed(parent.text), 0
    for child in parent:
        tag = child.tag
        if child in needed:
            kept.append(child)
        elif others < _MANY and (tag != item or before != item or (not said and _printed(child.tail))):
            kept.append(child)
            others += 1
        said = said or _printed(child.tail)
        before = tag
    parent[:] = kept


def _printed(text: str | None) -> str:
    return (text or "").strip(" \t\r\n")


@cache
def _with_lists(document: Any) -> Any:
    """Return the schema with the lists as roots too."""
    found = deepcopy(document)
    for name in sorted(_NAMES):
        etree.SubElement(found.getroot(), _ELEMENT, name=name, type=name)
    return found
