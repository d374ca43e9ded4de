"""Places of plain text: a marker is text, or part of the http(s) address that it is in (reference 2.6)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from deliveries.content.markers.expressions import Expression, FieldValue
from deliveries.content.markers.nodes import Choice, Link, Literal, Node, Value
from deliveries.content.markers.problems import Problems
from deliveries.content.markers.values import Scope
from deliveries.content.places import escapes
from deliveries.content.places.addresses import is_http
from deliveries.content.places.links import Draft, DraftFork, LinkBook, Spot, flat, target_of, track
from deliveries.content.places.pieces import Fork, Page, Piece, Show, Slot, settle, settle_part

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]*", re.IGNORECASE)
_END: Final = re.compile(r"[\s<>\"]")
# What ends a sentence around an address, and a bracket that opened before it.
_SIGNS: Final = frozenset(".,;:!?'*_~])}\u2019\u201d»")
_OPENING: Final = {")": "(", "]": "[", "}": "{"}


class TextPlaces:
    """Turns the nodes of a text part to pieces; `book` numbers its links, None where they go out as they are."""

    def __init__(self, fields: Mapping[str, str], problems: Problems, book: LinkBook | None) -> None:
        self._fields = fields
        self._problems = problems
        self._book = book
        self._spots: list[Spot] = []
        self._out: list[Draft] = []
        self._open: Spot | None = None
        self._in_address = False
        self._loose: list[Spot] = []

    def place(self, nodes: Sequence[Node]) -> tuple[Piece, ...]:
        """Return the pieces of the whole part."""
        solid = [node for node in nodes if not (isinstance(node, Literal) and not node.text.strip())]
        if self._book is not None and len(solid) == 1 and self._is_text(solid[0]):
            self._out = [_page(node) if node is solid[0] else _literal_of(node) for node in nodes]
            return settle_part(flat(self._out), self._problems)
        self._place(nodes)
        self._close()
        if self._book is not None:
            track([spot for spot in self._spots if spot.asked], self._book, "text", self._problems)
        return settle_part(flat(self._out), self._problems)

    def _is_text(self, node: Node) -> bool:
        """Return whether it is a field of type text: where it is the whole part, the addresses in it are links."""
        what = node.what if isinstance(node, Value) else None
        return isinstance(what, FieldValue) and self._fields.get(what.name) == "text"

    def _place(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            if isinstance(node, Literal):
                self._literal(node)
            elif isinstance(node, Value):
                self._went_on("x")
                slot = Slot(node.what, escapes.percent if self._in_address else escapes.as_is)
                (self._out if self._open is None else self._open.pieces).append(slot)
            elif isinstance(node, Link):
                self._went_on("x")
                self._close()
                self._link(node)
            else:
                self._choice(node)

    def _literal(self, node: Literal) -> None:
        text, at = node.text, 0
        self._went_on(text)
        if self._in_address:
            end = _END.search(text)
            at = end.start() if end else len(text)
            (self._out if self._open is None else self._open.pieces).append(text[:at])
            if end is None:
                return
            self._close()
        for match in _ADDRESS.finditer(text, at):
            wrong = escapes.fault_of_address(match[0])
            if wrong is not None:
                self._problems.add(node.at + match.start(), wrong)
            self._out.append(text[at : match.start()])
            self._open = Spot([match[0]], (), node.at + match.start())
            self._in_address = True
            at = match.end()
            if at < len(text):
                self._close()
        self._out.append(text[at:])

    def _went_on(self, text: str) -> None:
        """Give up addresses that ended with a branch where what follows it belongs to them."""
        if text and _END.match(text) is None:
            for spot in self._loose:
                spot.asked = False
        if text:
            self._loose = []

    def _close(self) -> None:
        """End the address that is being read; what ends the sentence around it is none of it."""
        spot, self._open, self._in_address = self._open, None, False
        if spot is None:
            return
        rest = ""
        if isinstance(spot.pieces[-1], str):
            last = spot.pieces[-1]
            kept = _without_tail(last)
            spot.pieces[-1], rest = kept, last[len(kept) :]
        target = target_of(spot.pieces, self._fields, html=False)
        self._out.extend([spot, rest])
        if target is not None:
            spot.target, spot.asked = target, True
            self._spots.append(spot)

    def _link(self, link: Link) -> None:
        pieces: list[Draft] = []
        written = ""
        for node in link.target:
            if isinstance(node, Literal):
                written += node.text
                pieces.append(node.text)
            elif isinstance(node, Value):
                pieces.append(Slot(node.what, escapes.percent if written.strip() else escapes.address))
                written += "x"
        wrong = escapes.fault_of_address(written)
        if wrong is not None:
            self._problems.add(link.at, wrong)
        target = target_of(pieces, self._fields, html=False)
        if target is None:
            self._out.extend(pieces)
            return
        spot = Spot(pieces, target, link.at, asked=True, name=link.description, category=link.category)
        self._out.append(spot)
        self._spots.append(spot)

    def _choice(self, choice: Choice) -> None:
        self._went_on("x")
        outer, address, before = self._out, self._open, self._in_address
        after = choice.branches[-1][0] is not None and before
        ended = False
        loose: list[Spot] = []
        branches: list[tuple[Expression | None, list[Draft]]] = []
        for condition, nodes in choice.branches:
            self._out, self._open, self._in_address, self._loose = [], None, before, []
            self._place(nodes)
            inside = self._in_address
            ended = ended or (before and (not inside or self._open is not None))
            last = self._open
            self._close()
            loose += [last] if last is not None else []
            branches.append((condition, self._out))
            after = after or inside
        fork = DraftFork(branches)
        self._out, self._in_address, self._loose = outer, after, loose
        self._open = None
        if address is None:
            self._out.append(fork)
        elif ended:  # it ends in a branch, and is not one address: it goes out as it is
            self._out.extend([*address.pieces, fork])
        else:
            address.pieces.append(fork)
            self._open = address


def _without_tail(text: str) -> str:
    """Return an address without the signs of the sentence around it; a bracket that it opens itself stays."""
    end = len(text)
    open_ones = {sign: text.count(opening) - text.count(sign) for sign, opening in _OPENING.items()}
    while end and text[end - 1] in _SIGNS:
        sign = text[end - 1]
        if sign in _OPENING:
            if open_ones[sign] >= 0:
                break
            open_ones[sign] += 1
        end -= 1
    return text[:end]


def _page(node: Node) -> Draft:
    what = node.what if isinstance(node, Value) else FieldValue("")
    return Page(what, personal_text)


def _literal_of(node: Node) -> Draft:
    return node.text if isinstance(node, Literal) else ""


def personal_text(text: str, scope: Scope) -> str:
    """Return a person's own text with the addresses in it tracked as this person's."""
    click = scope.click
    if click is None:
        return text

    def tracked(match: re.Match[str]) -> str:
        address = _without_tail(match[0])
        return click(0, address) + match[0][len(address) :] if is_http(address) else match[0]

    return _ADDRESS.sub(tracked, text)


def flat_text(nodes: Sequence[Node], show: Show) -> tuple[Piece, ...]:
    """Return the pieces of a header's text: every marker with the same escape."""
    out: list[Piece] = []
    for node in nodes:
        if isinstance(node, Literal):
            out.append(node.text)
        elif isinstance(node, Value):
            out.append(Slot(node.what, show))
        elif isinstance(node, Choice):
            out.append(Fork(tuple((when, flat_text(inner, show)) for when, inner in node.branches)))
    return settle(out)
