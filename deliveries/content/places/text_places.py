"""Places of plain text: a marker is text, or part of the http(s) address that it stands in (reference 2.6)."""

import re
from collections.abc import Sequence
from typing import Final

from deliveries.content.markers.expressions import Expression
from deliveries.content.markers.nodes import Choice, Link, Literal, Node, Value
from deliveries.content.markers.problems import Problems
from deliveries.content.places import escapes
from deliveries.content.places.pieces import Fork, Piece, Show, Slot, settle, settle_part

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]*", re.IGNORECASE)
_END: Final = re.compile(r"[\s<>\"]")
_TAIL: Final = 4000


class TextPlaces:
    """Turns the nodes of a text part to pieces."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._in_address = False

    def place(self, nodes: Sequence[Node]) -> tuple[Piece, ...]:
        """Return the pieces of the whole part."""
        return settle_part(self._place(nodes), self._problems)

    def _place(self, nodes: Sequence[Node]) -> list[Piece]:
        out: list[Piece] = []
        for node in nodes:
            if isinstance(node, Literal):
                self._literal(node)
                out.append(node.text)
            elif isinstance(node, Value):
                out.append(Slot(node.what, escapes.percent if self._in_address else escapes.as_is))
            elif isinstance(node, Link):
                out.extend(self._link(node))
            else:
                out.append(self._choice(node))
        return out

    def _literal(self, node: Literal) -> None:
        for match in _ADDRESS.finditer(node.text):
            wrong = escapes.judge_address(match[0])
            if wrong:
                self._problems.add(node.at + match.start(), "LINK_SCHEME", wrong)
        if self._in_address and _END.search(node.text) is None:
            return
        tail = node.text[-_TAIL:]
        self._in_address = any(match.end() == len(tail) for match in _ADDRESS.finditer(tail))

    def _link(self, link: Link) -> list[Piece]:
        out: list[Piece] = []
        written = ""
        for node in link.target:
            if isinstance(node, Literal):
                written += node.text
                out.append(node.text)
            elif isinstance(node, Value):
                out.append(Slot(node.what, escapes.percent if written.strip() else escapes.address))
                written += "x"
        wrong = escapes.judge_address(written)
        if wrong:
            self._problems.add(link.at, "LINK_SCHEME", wrong)
        return out

    def _choice(self, choice: Choice) -> Fork:
        before, after = self._in_address, choice.branches[-1][0] is not None and self._in_address
        branches: list[tuple[Expression | None, tuple[Piece, ...]]] = []
        for condition, nodes in choice.branches:
            self._in_address = before
            branches.append((condition, tuple(self._place(nodes))))
            after = after or self._in_address
        self._in_address = after
        return Fork(tuple(branches))


def flat(nodes: Sequence[Node], show: Show) -> tuple[Piece, ...]:
    """Return the pieces of a header's text: every marker with the same escape."""
    out: list[Piece] = []
    for node in nodes:
        if isinstance(node, Literal):
            out.append(node.text)
        elif isinstance(node, Value):
            out.append(Slot(node.what, show))
        elif isinstance(node, Choice):
            out.append(Fork(tuple((when, flat(inner, show)) for when, inner in node.branches)))
    return settle(out)
