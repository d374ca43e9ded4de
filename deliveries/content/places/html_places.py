"""Places of an HTML part: each marker gets the escape of where it is (reference 2.6)."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from deliveries.content.markers.expressions import Constant, Expression, FieldValue, names_in
from deliveries.content.markers.nodes import Choice, Link, Literal, Node, Value
from deliveries.content.markers.problems import Problems
from deliveries.content.places import escapes
from deliveries.content.places.endings import UNSUBSCRIBE, with_ending
from deliveries.content.places.html_grammar import BLANKS
from deliveries.content.places.html_state import LOOSE, Block, Mode, State, blank, in_style, merge
from deliveries.content.places.links import Draft, DraftFork, LinkBook, OpenTag, Spot, flat, target_of, track
from deliveries.content.places.markup_reader import MarkupReader, personal_page
from deliveries.content.places.pieces import Page, Piece, Show, Slot, settle_part

# What a marker that is all of an attribute without quotes becomes: an empty one must not take the next attribute.
_WHEN_ALONE: Final[Mapping[Show, Show]] = {
    escapes.for_tag: escapes.for_lone_attribute,
    escapes.address_in_html: escapes.address_in_tag,
    escapes.css_in_tag: escapes.css_alone,
}


class HtmlPlaces:
    """Turns the nodes of one HTML part to pieces; mistakes of place and of addresses are noted.

    `book` numbers its tracked links, None where they go out as they are.
    """

    def __init__(
        self, fields: Mapping[str, str], problems: Problems, book: LinkBook | None, *, end_at: int | None = None
    ) -> None:
        self._fields = fields
        self._problems = problems
        self._book = book
        self._markup = MarkupReader(problems, frozenset(fields), end_at=end_at)
        self._whole: Expression | None = None
        self._lone: tuple[list[Draft], int] | None = None
        self._shown: set[Block] = set()

    def read(self, nodes: Sequence[Node]) -> None:
        """Read the whole part."""
        self._whole = _whole(nodes)
        if self._whole is None:
            self._place(nodes)

    @property
    def unclosed(self) -> int | None:
        """Where something began that is still open at the end, so that nobody sees what is put behind it."""
        return self._markup.unclosed

    @property
    def shows_way_out(self) -> bool:
        """Whether every reader sees an address to unsubscribe by; what a person's own page holds isn't known."""
        return Block.ALL in self._shown or {Block.OUTLOOK, Block.OTHERS} <= self._shown

    def finish(self, ending: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return the pieces of the part, with the ending where a browser finds the end of the body."""
        if self._whole is not None:
            return (Page(self._whole, personal_page(ending, tracked=self._book is not None)),)
        if self._book is not None:
            track(self._markup.spots, self._book, "html", self._problems)
        return settle_part(flat(with_ending(self._markup.out, ending)), self._problems)

    def _place(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            if isinstance(node, Literal):
                self._literal(node)
            elif isinstance(node, Value):
                self._value(node)
            elif isinstance(node, Link):
                self._link(node)
            else:
                self._choice(node)

    @property
    def _out(self) -> list[Draft]:
        return self._markup.out

    @property
    def _state(self) -> State:
        return self._markup.scanner.state

    def _literal(self, node: Literal) -> None:
        if self._lone is not None and self._state.mode is Mode.UNQUOTED and node.text[0] in f"{BLANKS}>":
            out, index = self._lone
            slot = out[index]
            if isinstance(slot, Slot) and slot.show in _WHEN_ALONE:
                out[index] = Slot(slot.what, _WHEN_ALONE[slot.show])
        self._lone = None
        self._markup.literal(node.text, node.at)

    # Markers.

    def _show(self, node: Value) -> Show:
        """Return the escape of the place that one is in."""
        state, what = self._state, node.what
        if self._markup.scanner.in_address():
            if state.unsure:
                self._problems.add(node.at, "TPL_PLACE.address")
            return escapes.address_in_html if blank(state.value) else escapes.percent
        if state.mode is Mode.OPENING:
            return escapes.for_tag_opening
        if state.mode in LOOSE:
            return escapes.css_in_tag if in_style(state) else escapes.for_tag
        markup = isinstance(what, FieldValue) and self._fields.get(what.name) == "html"
        if markup and state.mode is Mode.RAW:
            return escapes.as_is
        if in_style(state):
            return escapes.css if state.mode is Mode.RAW else escapes.css_in_html
        return escapes.for_html

    def _value(self, node: Value) -> None:
        what, mode = node.what, self._state.mode
        self._see(what)
        if mode is Mode.TEXT and isinstance(what, FieldValue) and self._fields.get(what.name) == "html":
            self._out.append(Page(what, personal_page((), tracked=self._book is not None)))
            return
        if mode is Mode.BEFORE:
            self._markup.mark_value()
        self._out.append(Slot(what, self._show(node)))
        self._lone = (self._out, len(self._out) - 1) if mode is Mode.BEFORE else None
        self._markup.scanner.pass_marker()

    def _see(self, what: Expression) -> None:
        """Note who sees an address to unsubscribe by: it counts in the text of the page and in an `href`."""
        state = self._state
        visible = state.mode in {Mode.TEXT, Mode.OPENING} or (
            self._markup.scanner.in_address() and state.attribute == "href"
        )
        if visible and UNSUBSCRIBE in names_in(what):
            self._shown.add(state.block)

    def _link(self, link: Link) -> None:
        """Print the address, tracked or as it is; its target is an address whatever place it is in."""
        pieces: list[Draft] = []
        written = ""
        for node in link.target:
            if isinstance(node, Literal):
                written += node.text
                pieces.append(html.escape(node.text) if link.decoded else node.text)
            elif isinstance(node, Value):
                self._see(node.what)
                show = escapes.percent if written.strip() else escapes.address_in_html
                pieces.append(Slot(node.what, show))
                written += "x"
        wrong = escapes.fault_of_address(written if link.decoded else html.unescape(written))
        if wrong is not None:
            self._problems.add(link.at, wrong)
        target = target_of(pieces, self._fields, html=True)
        bare = self._state.mode is Mode.BEFORE
        if target is None:
            self._out.extend(pieces)
        else:
            spot = Spot(pieces, target, link.at, asked=True, name=link.description, category=link.category)
            spot.bare = bare
            self._out.append(spot)
            self._markup.spots.append(spot)
        self._markup.scanner.pass_marker()

    # Conditions: each branch begins in the same place and must end in the same.

    def _choice(self, choice: Choice) -> None:
        markup = self._markup
        before, tags = replace(self._state), markup.tags
        outer, marks = markup.out, (markup.attribute_mark, markup.value_mark)
        branches: list[tuple[Expression | None, list[Draft]]] = []
        ends: list[State] = []
        opened: list[OpenTag] = []
        if before.mode is Mode.BEFORE:
            marks = (marks[0], (outer, len(outer)))
        for condition, nodes in choice.branches:
            markup.scanner.state, markup.out, markup.tags, self._lone = replace(before), [], tags, None
            self._place(nodes)
            branches.append((condition, markup.out))
            ends.append(markup.scanner.state)
            opened += markup.tags
        if choice.branches[-1][0] is not None:
            ends.append(before)
            opened += tags
        markup.out, markup.tags, self._lone = outer, tuple(dict.fromkeys(opened)), None
        markup.attribute_mark, markup.value_mark = marks
        markup.out.append(DraftFork(branches))
        merged = merge(ends)
        if merged is None:
            self._problems.add(choice.at, "TPL_PLACE.branches")
        markup.scanner.state = merged or ends[0]


def _whole(nodes: Sequence[Node]) -> Expression | None:
    """Return the one field or note that is all of the part."""
    solid = [node for node in nodes if not (isinstance(node, Literal) and not node.text.strip())]
    if len(solid) == 1 and isinstance(solid[0], Value) and isinstance(solid[0].what, FieldValue | Constant):
        return solid[0].what
    return None
