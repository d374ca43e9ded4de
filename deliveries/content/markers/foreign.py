"""What looks like a marker, forgotten or another system's: it goes out as it is, and is noted (reference 2.6)."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from deliveries.content.markers.nodes import Choice, Literal, Node
from deliveries.content.markers.problems import Problems
from deliveries.content.source import Problem
from recipients.faults import Fault

_KINDS: Final = re.compile(
    r"(?P<unended>\$\{[^{}$<>\r\n]{1,100}\}(?!\$))"
    r"|(?P<braces>\{{2,3}[^{}\r\n]{1,200}\}\})"
    r"|(?P<stars>\*\|[^|*\r\n]{1,100}\|\*)"
    r"|(?P<percents>%%[A-Za-z_][\w .:-]{0,100}%%)"
    r"|(?P<statement>\{%[^{}%\r\n]{1,200}%\})"
    r"|(?P<brackets>\[\[[^\[\]\r\n]{1,100}\]\])"
)
_ASIDE: Final = re.compile(r"<(style|script)\b[^<>]{0,2000}>.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)


class Foreign:
    """Finds them part by part: each kind is noted once, with its first place."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def notes(self, nodes: Iterable[Node], problems: Problems, source: str, *, html: bool) -> Iterator[Fault]:
        """Yield a note for each kind that is new; in HTML style sheets and scripts are passed over."""
        aside = [match.span() for match in _ASIDE.finditer(source)] if html else []
        begins = [begin for begin, _ in aside]
        for literal in _literals(nodes):
            for match in _KINDS.finditer(literal.text):
                at = literal.at + match.start()
                kind = match.lastgroup or ""
                block = bisect_right(begins, at) - 1
                if kind in self._seen or (block >= 0 and at < aside[block][1]):
                    continue
                self._seen.add(kind)
                line, column = problems.place(at)
                note = Fault.of("note.unended" if kind == "unended" else "note.foreign", marker=match[0])
                yield Problem(problems.name, line, column, note).placed


def _literals(nodes: Iterable[Node]) -> Iterator[Literal]:
    for node in nodes:
        if isinstance(node, Literal):
            yield node
        elif isinstance(node, Choice):
            for _, inner in node.branches:
                yield from _literals(inner)
