"""Markup that is a value: its `track` attributes are taken out, all else stays to the byte (reference 2.5, 2.6)."""

import re
from typing import Final

from deliveries.content.places.html_scanner import Scanner

LINK_TAGS: Final = frozenset({"a", "area"})
_MAYBE: Final = re.compile("track", re.IGNORECASE)
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)


def without_track(markup: str) -> str:
    """Return the markup without the `track` attributes of its links."""
    if _MAYBE.search(markup) is None:
        return markup
    cuts: list[tuple[int, int]] = []
    begins = 0

    def began(at: int) -> None:
        nonlocal begins
        begins = at

    def ended(at: int) -> None:
        if scanner.state.attribute == "track" and scanner.state.tag in LINK_TAGS:
            cuts.append((begins, at))

    scanner = Scanner(began, ended)
    scanner.feed(markup)
    kept: list[str] = []
    at = 0
    for start, end in cuts:
        kept.append(markup[at:start])
        at = end
    return "".join((*kept, markup[at:]))


def body_end(markup: str) -> int:
    """Return the place of the last </body>, or the end."""
    found = [match.start() for match in _BODY_END.finditer(markup)]
    return found[-1] if found else len(markup)
