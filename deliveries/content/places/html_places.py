"""Places of an HTML part: each marker gets the escape of where it stands; `track` attributes are taken out."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from deliveries.content.markers.expressions import Constant, Expression, FieldValue
from deliveries.content.markers.nodes import Choice, Link, Literal, Node, Value
from deliveries.content.markers.problems import Problems
from deliveries.content.places import escapes
from deliveries.content.places.html_scanner import BLANKS, GAP, Scanner
from deliveries.content.places.html_state import LOOSE, Mode, State, blank, in_style, merge
from deliveries.content.places.markup import LINK_TAGS
from deliveries.content.places.pieces import Fork, Page, Piece, Show, Slot, settle_part
from deliveries.content.source import ContentError

_IMAGES: Final = frozenset({"src", "background", "poster"})
_MOST_ATTRIBUTES: Final = 200_000
# What a marker that is all of an attribute without quotes becomes: an empty one must not take the next attribute.
_WHEN_ALONE: Final[Mapping[Show, Show]] = {
    escapes.for_tag: escapes.for_lone_attribute,
    escapes.address_in_html: escapes.address_in_tag,
    escapes.css_in_tag: escapes.css_alone,
}


class HtmlPlaces:
    """Turns the nodes of one HTML part to pieces; mistakes of place and of addresses are noted."""

    def __init__(self, fields: Mapping[str, str], problems: Problems) -> None:
        self._fields = fields
        self._problems = problems
        self._out: list[Piece] = []
        self._scanner = Scanner(self._began, self._ended)
        self._text = ""
        self._from = 0
        self._mark: tuple[list[Piece], int] | None = None
        self._lone: tuple[list[Piece], int] | None = None
        self._at = 0
        self._attribute_at = 0
        self._attributes = 0
        self.tracked = 0

    def place(self, nodes: Sequence[Node]) -> tuple[Piece, ...]:
        """Return the pieces of the whole part."""
        whole = _whole(nodes)
        if whole is not None:
            return (Page(whole),)
        self._place(nodes)
        return settle_part(self._out, self._problems)

    def _place(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self._at = node.at
            if isinstance(node, Literal):
                self._literal(node.text)
            elif isinstance(node, Value):
                self._value(node.what)
            elif isinstance(node, Link):
                self._link(node)
            else:
                self._choice(node)

    # Literals, and the attributes found in them.

    def _literal(self, text: str) -> None:
        if self._lone is not None and self._scanner.state.mode is Mode.UNQUOTED and text[0] in f"{BLANKS}>":
            out, index = self._lone
            slot = out[index]
            if isinstance(slot, Slot) and slot.show in _WHEN_ALONE:
                out[index] = Slot(slot.what, _WHEN_ALONE[slot.show])
        self._lone = None
        self._text, self._from = text, 0
        self._scanner.feed(text)
        self._emit(len(text))

    def _emit(self, until: int) -> None:
        if until > self._from:
            self._out.append(self._text[self._from : until])
        self._from = until

    def _began(self, at: int) -> None:
        """Remember where an attribute of a link begins, should it be `track`."""
        gap = GAP.match(self._text, at)
        self._mark, self._attribute_at = None, self._at + (gap.end() if gap else at)
        self._attributes += 1
        if self._attributes > _MOST_ATTRIBUTES:
            self._problems.add(
                self._at, "TPL_TOO_BIG", f"there are more than {_MOST_ATTRIBUTES} attributes; shorten the part"
            )
            raise ContentError(tuple(self._problems.found))
        if self._scanner.state.tag in LINK_TAGS and self._scanner.state.attribute.startswith("t"):
            self._emit(at)
            self._mark = (self._out, len(self._out))

    def _ended(self, at: int) -> None:
        state = self._scanner.state
        if state.attribute == "track" and self._mark is not None and self._mark[0] is self._out:
            del self._out[self._mark[1] :]
            self._from = at
            self.tracked += 1
        self._mark = None
        self._judge(state)

    def _judge(self, state: State) -> None:
        if state.value:
            wrong = escapes.judge_address(html.unescape(state.value), image=state.attribute in _IMAGES)
            if wrong:
                self._problems.add(self._attribute_at, "LINK_SCHEME", wrong)

    # Markers.

    def _begins_address(self) -> bool:
        return self._scanner.in_address() and blank(self._scanner.state.value)

    def _show(self, what: Expression) -> Show:
        """Return the escape of the place that one is in."""
        mode = self._scanner.state.mode
        if self._scanner.in_address():
            return escapes.address_in_html if self._begins_address() else escapes.percent
        if mode is Mode.OPENING:
            return escapes.for_tag_opening
        if mode in LOOSE:
            return escapes.css_in_tag if in_style(self._scanner.state) else escapes.for_tag
        markup = isinstance(what, FieldValue) and self._fields.get(what.name) == "html"
        if markup and mode is Mode.RAW:
            return escapes.as_is
        if in_style(self._scanner.state):
            return escapes.css if mode is Mode.RAW else escapes.css_in_html
        return escapes.for_html

    def _value(self, what: Expression) -> None:
        mode = self._scanner.state.mode
        if mode is Mode.TEXT and isinstance(what, FieldValue) and self._fields.get(what.name) == "html":
            self._out.append(Page(what))
            return
        self._out.append(Slot(what, self._show(what)))
        self._lone = (self._out, len(self._out) - 1) if mode is Mode.BEFORE else None
        self._scanner.pass_marker()

    def _link(self, link: Link) -> None:
        """Print the bare address; its target is an address whatever place it stands in."""
        written = ""
        for node in link.target:
            if isinstance(node, Literal):
                written += node.text
                self._out.append(html.escape(node.text) if link.decoded else node.text)
            elif isinstance(node, Value):
                show = escapes.percent if written.strip() else escapes.address_in_html
                self._out.append(Slot(node.what, show))
                written += "x"
        wrong = escapes.judge_address(written if link.decoded else html.unescape(written))
        if wrong:
            self._problems.add(link.at, "LINK_SCHEME", wrong)
        self._scanner.pass_marker()

    # Conditions: each branch begins in the same place and must end in the same.

    def _choice(self, choice: Choice) -> None:
        before, outer, mark = replace(self._scanner.state), self._out, self._mark
        branches: list[tuple[Expression | None, tuple[Piece, ...]]] = []
        ends: list[State] = []
        for condition, nodes in choice.branches:
            self._scanner.state, self._out, self._lone = replace(before), [], None
            self._place(nodes)
            branches.append((condition, tuple(self._out)))
            ends.append(self._scanner.state)
        if choice.branches[-1][0] is not None:
            ends.append(before)
        self._out, self._mark, self._lone = outer, mark, None
        self._out.append(Fork(tuple(branches)))
        self._at = choice.at
        merged = merge(ends)
        if merged is None:
            self._problems.add(
                choice.at,
                "TPL_PLACE",
                "the branches of this <% if %> end in different places of the HTML; close in each what it opens",
            )
        self._scanner.state = merged or ends[0]


def _whole(nodes: Sequence[Node]) -> Expression | None:
    """Return the one field or note that is all of the part."""
    solid = [node for node in nodes if not (isinstance(node, Literal) and not node.text.strip())]
    if len(solid) == 1 and isinstance(solid[0], Value) and isinstance(solid[0].what, FieldValue | Constant):
        return solid[0].what
    return None
