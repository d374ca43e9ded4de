"""How much markup a file has, counted before a tree of it is built: 2.4 million `<a/>` of 10 MB made one of 380 MB.

A "<" begins a tag everywhere but in comments, CDATA and processing instructions. A DOCTYPE, where it might hide
more, is refused before there is a tree; what is not XML is left to the parser.
"""

import re
from collections.abc import Iterator
from typing import Final

from deliveries.intake.mistakes import unreadable
from deliveries.intake.parsing.prolog import BOMS_16

_MOST_ELEMENTS: Final = 200_000  # a tree of them takes 60 MB; 30,000 recipients of six fields
_MOST_ATTRIBUTES: Final = 50_000  # 14 MB more; the language has no use for fifty
_MOST_OF_ONE: Final = 64
_TAG: Final = re.compile(r"<(?:(!--|!\[CDATA\[|\?)|([^\s<>/!?=\"']++))", re.ASCII)
_ENDS: Final = {"!--": "-->", "![CDATA[": "]]>", "?": "?>"}
_ATTRIBUTE: Final = re.compile(r"\s*+[^\s<>/=\"']++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+')", re.ASCII)


def check(data: bytes, name: str) -> None:
    """Raise BundleError (XML_TOO_LARGE) where there are too many elements or attributes; xmlns is one here."""
    few = data.count(b"<") <= _MOST_ELEMENTS or data.count(b"<") - data.count(b"</") <= _MOST_ELEMENTS
    if few and data.count(b"=") <= _MOST_OF_ONE:
        return
    text = data.decode("utf-16" if data.startswith(tuple(BOMS_16)) else "latin-1", "replace")
    attributes = 0
    for elements, (at, tag, own) in enumerate(_tags(text), 1):
        attributes += own
        if elements > _MOST_ELEMENTS:
            raise unreadable("XML_TOO_LARGE.elements", name, _line(text, at), most=_MOST_ELEMENTS)
        if own > _MOST_OF_ONE:
            found = {"element": _named(tag), "most": _MOST_OF_ONE}
            raise unreadable("XML_TOO_LARGE.attributes", name, _line(text, at), **found)
        if attributes > _MOST_ATTRIBUTES:
            found = {"element": _named(tag), "most": _MOST_ATTRIBUTES}
            raise unreadable("XML_TOO_LARGE.all_attributes", name, _line(text, at), **found)


def _tags(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield where each start tag is, its name and how many attributes it has, no more than one too many."""
    at = 0
    while found := _TAG.search(text, at):
        at = found.end()
        if found[1]:
            at = text.find(_ENDS[found[1]], at)
            if at < 0:
                return
            continue
        own = 0
        while own <= _MOST_OF_ONE and (attribute := _ATTRIBUTE.match(text, at)):
            own, at = own + 1, attribute.end()
        yield found.start(), found[2], own


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _named(tag: str) -> str:
    """Return a name as a sentence shows it; most files are UTF-8, whose bytes were taken one by one."""
    return tag.encode("latin-1", "replace").decode("utf-8", "replace")
