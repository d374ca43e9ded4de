"""Markup as it is written, cut where something may change: `track`, the addresses of links, the end of the body."""

import html
import re
from collections.abc import Callable
from typing import Final

from deliveries.content.markers.problems import Problems
from deliveries.content.markers.values import Scope
from deliveries.content.places import escapes
from deliveries.content.places.endings import with_ending
from deliveries.content.places.html_grammar import BLANKS, GAP
from deliveries.content.places.html_scanner import Listener, Scanner
from deliveries.content.places.html_state import ADDRESS_ATTRIBUTES, Block, Mode
from deliveries.content.places.links import (
    BodyEnd,
    Draft,
    LinkBook,
    OpenTag,
    Spot,
    flat,
    is_twin,
    is_vml,
    target_of,
    track,
)
from deliveries.content.places.pieces import Piece, render
from deliveries.content.source import ContentError

LINK_TAGS: Final = frozenset({"a", "area"})
_IMAGES: Final = frozenset({"src", "background", "poster"})
_MOST_ATTRIBUTES: Final = 200_000  # of one part: each costs steps of Python, and an attack is made of them
_MAYBE: Final = re.compile("track", re.IGNORECASE)


class MarkupReader(Listener):
    """Takes literals one after the other; what is written between them is appended to `out` by the caller.

    `fields` are those of the database. `end_at` is a place that is the end of the body for want of a better one.
    """

    def __init__(self, problems: Problems, fields: frozenset[str], *, end_at: int | None = None) -> None:
        self.scanner = Scanner(self)
        self.out: list[Draft] = []
        self.tags: tuple[OpenTag, ...] = ()
        self.attribute_mark: tuple[list[Draft], int] | None = None
        self.value_mark: tuple[list[Draft], int] | None = None
        self.spots: list[Spot] = []
        self.ends_body = False
        self._problems = problems
        self._fields = fields
        self._end_at = end_at
        self._base = ""
        self._text = ""
        self._from = 0
        self._at = 0
        self._attribute_at = 0
        self._attributes = 0

    def literal(self, text: str, at: int) -> None:
        """Read a piece of markup; `at` is where it lies in the part."""
        if self._end_at is not None and at <= self._end_at < at + len(text):
            cut, self._end_at = self._end_at - at, None
            self._read(text[:cut], at)
            self._end_body()
            self._read(text[cut:], at + cut)
        else:
            self._read(text, at)

    @property
    def unclosed(self) -> int | None:
        """Where what is still open at the end began: a reader sees nothing that is put behind it."""
        state = self.scanner.state
        closed = state.mode in {Mode.TEXT, Mode.OPENING} and state.block is Block.ALL
        return None if closed or self.ends_body else state.opened

    def _read(self, text: str, at: int) -> None:
        self._text, self._from, self._at = text, 0, at
        self.scanner.feed(text, at)
        self._emit(len(text))

    def _emit(self, until: int) -> None:
        if until > self._from:
            self.out.append(self._text[self._from : until])
        self._from = until

    def _end_body(self) -> None:
        self.out.append(BodyEnd())
        self.ends_body = True

    # What the scanner tells.

    def tag_began(self, at: int) -> None:
        """Begin a tag; one of a body's end marks the place."""
        state = self.scanner.state
        self.tags = (OpenTag(),)
        if state.closing and state.tag == "body" and state.block is Block.ALL:
            self._emit(at)
            self._end_body()

    def attribute_began(self, at: int) -> None:
        """Remember where an attribute of a link begins, should it be `track`."""
        gap = GAP.match(self._text, at)
        self.attribute_mark, self.value_mark = None, None
        self._attribute_at = self._at + (gap.end() if gap else at)
        self._attributes += 1
        if self._attributes > _MOST_ATTRIBUTES:
            self._problems.add(self._at, "TPL_TOO_BIG.attributes", most=_MOST_ATTRIBUTES)
            raise ContentError(tuple(self._problems.found))
        state = self.scanner.state
        if state.attribute.startswith("t") and (state.tag in LINK_TAGS or is_vml(state.tag)):
            self._emit(at)
            self.attribute_mark = (self.out, len(self.out))

    def value_began(self, at: int) -> None:
        """Remember where an address begins."""
        if self.scanner.state.attribute == "href":
            self._emit(at)
            self.mark_value()

    def mark_value(self) -> None:
        """Let the address begin with what is appended next."""
        self.value_mark = (self.out, len(self.out))

    def attribute_ended(self, at: int) -> None:
        """Take `track` out, keep an address apart, check both."""
        state = self.scanner.state
        if state.attribute == "track" and self.attribute_mark is not None and self.attribute_mark[0] is self.out:
            del self.out[self.attribute_mark[1] :]
            self._from = at
            # What follows without a blank would grow together with what comes before.
            if self._text[at : at + 1] not in {*BLANKS, "/", ">"} or at == len(self._text):
                self.out.append(" ")
            if not state.marked and state.value.strip().lower() == "yes":
                for tag in self.tags:
                    tag.track = True
        elif state.attribute == "href" and not state.closing:
            self._address(at)
        self.attribute_mark = self.value_mark = None
        if state.value and state.attribute in ADDRESS_ATTRIBUTES:
            wrong = escapes.fault_of_address(html.unescape(state.value), image=state.attribute in _IMAGES)
            if wrong is not None:
                self._problems.add(self._attribute_at, wrong)

    def _address(self, at: int) -> None:
        state = self.scanner.state
        link = state.tag in LINK_TAGS or is_vml(state.tag)
        if state.linked or self.value_mark is None or self.value_mark[0] is not self.out:
            return
        if not link and state.tag != "base":
            return
        bare = state.mode is Mode.UNQUOTED
        self._emit(at if bare else at - 1)
        begin = self.value_mark[1]
        pieces = self.out[begin:]
        target = target_of(pieces, self._fields, self._base, html=True)
        if target is None:
            return
        if not link:
            same = all(isinstance(piece, str) for piece in target)
            self._base = self._base or ("".join(map(str, target)) if same else "")
            return
        twin = is_twin(state.tag, state.block)
        spot = Spot(pieces, target, self._attribute_at, self.tags, twin=twin, vml=is_vml(state.tag), bare=bare)
        self.out[begin:] = [spot]
        self.spots.append(spot)


def personal_page(ending: tuple[Piece, ...], *, tracked: bool) -> Callable[[str, Scope], str]:
    """Return what makes a person's own markup ready: no `track`, links of this person, the ending in its place."""

    def change(markup: str, scope: Scope) -> str:
        if not ending and _MAYBE.search(markup) is None:
            return markup
        book = LinkBook(personal=True)
        reader = _read_page(markup)
        if reader.unclosed is not None:
            reader = _read_page(markup, reader.unclosed)
        if tracked and scope.click is not None:
            track(reader.spots, book, "html", Problems("html", ""))
        return render(flat(with_ending(reader.out, ending)), scope)

    return change


def _read_page(markup: str, end_at: int | None = None) -> MarkupReader:
    reader = MarkupReader(Problems("html", ""), frozenset(), end_at=end_at)
    reader.literal(markup, 0)
    return reader
