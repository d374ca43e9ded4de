"""The links of an HTML as written, and which are tracked: the mark `track="yes"` in their tags (reference 2.5)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from html import unescape
from typing import Final

# Comments, scripts and style sheets hold no links; a tag ends at the first > outside quotes.
_PIECES: Final = re.compile(
    r"<!--(?!\[if).*?-->|<(script|style)\b.*?</\1\s*>|<(a|area)(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.IGNORECASE | re.DOTALL,
)
_HREF: Final = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_TRACK: Final = re.compile(r"""\strack\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_TAGS: Final = re.compile(r"<[^>]*>")
_CLOSED: Final = re.compile(r"</?a(?=[\s/>])", re.IGNORECASE)
_WORDS: Final = 400  # characters in which the words of a link are looked for: a tag may never be closed
_FOLLOWED: Final = ("http://", "https://", "${", "%{", "<%", "<{")


@dataclass(frozen=True, slots=True)
class WrittenLink:
    """One link: its number in the HTML from 1, address and words as read, and whether it is marked."""

    number: int
    address: str
    words: str
    tracked: bool
    followable: bool


def links_in(html: str) -> list[WrittenLink]:
    """Return the links in their order."""
    found = []
    for number, match in enumerate(_links(html), 1):
        address = _value(_HREF, match[3])
        inside = _CLOSED.split(html[match.end() : match.end() + _WORDS], maxsplit=1)[0]
        words = unescape(_TAGS.sub(" ", inside))
        tracked = _value(_TRACK, match[3]).lower() == "yes"
        followable = address.lower().startswith(_FOLLOWED)
        found.append(WrittenLink(number, address, " ".join(words.split())[:80], tracked, followable))
    return found


def with_marks(html: str, tracked: Collection[int]) -> str:
    """Return the HTML with the mark on the links of these numbers and on no other; no other byte changes."""
    pieces, at = [], 0
    for number, match in enumerate(_links(html), 1):
        bare = _TRACK.sub("", match[3])
        mark = ' track="yes"' if number in tracked else ""
        pieces += [html[at : match.start(3)], mark, bare]
        at = match.end(3)
    return "".join((*pieces, html[at:]))


def _links(html: str) -> list[re.Match[str]]:
    return [match for match in _PIECES.finditer(html) if match[2] and _HREF.search(match[3])]


def _value(pattern: re.Pattern[str], attributes: str) -> str:
    found = pattern.search(attributes)
    return unescape(next((group for group in found.groups() if group is not None), "")).strip() if found else ""
