"""Which links are tracked, and the number of each (reference 2.5)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from deliveries.content.markers.expressions import Expression, FieldValue
from deliveries.content.markers.names import OWN
from deliveries.content.markers.problems import Problems
from deliveries.content.places import addresses, escapes
from deliveries.content.places.html_state import Block
from deliveries.content.places.pieces import Fork, Piece, Show, Slot, Tracked, as_written, settle
from deliveries.content.source import TrackedLink
from recipients.faults import Fault

MOST_LINKS: Final = 1_000  # each is a row of the delivery and a line of its report
_NUMBER: Final = re.compile("[0-9]{1,4}")
_DECODED: Final[Mapping[Show, Show]] = {
    escapes.address_in_html: escapes.address,
    escapes.address_in_tag: escapes.address,
}
Target = tuple[Piece, ...]


@dataclass(slots=True, eq=False)
class OpenTag:
    """One tag whose attributes are being read: whether it asks to be tracked."""

    track: bool = False


@dataclass(slots=True, eq=False)
class Spot:
    """A place where an address is written, until it is known whether it is tracked.

    `pieces` is what is written there, `target` what it leads to. Of a link marker (`asked`) name and category are
    known. `twin`: it is read by Outlook only, or is VML: the link beside it for everybody else is its
    own. `bare`: the attribute has no quotes.
    """

    pieces: "list[Draft]"
    target: Target
    at: int
    tags: tuple[OpenTag, ...] = ()
    asked: bool = False
    name: str = ""
    category: str = ""
    twin: bool = False
    vml: bool = False
    bare: bool = False
    tracked: Tracked | None = None


@dataclass(slots=True, eq=False)
class DraftFork:
    """Branches whose links are not known yet."""

    branches: "list[tuple[Expression | None, list[Draft]]]"


class BodyEnd:
    """The place before a `</body>` that a browser finds, until the part is finished."""


Draft = Piece | Spot | BodyEnd | DraftFork


@dataclass(slots=True)
class LinkBook:
    """The tracked links of one message; `personal` ones, out of a person's own page, have no rows and number 0."""

    categories: Mapping[str, int] = field(default_factory=dict)
    note: Callable[[Fault], None] = lambda _note: None
    personal: bool = False
    links: list[TrackedLink] = field(default_factory=list)

    def add(self, part: str, spot: Spot, problems: Problems) -> Tracked:
        """Return the spot tracked, with the next number."""
        quote = '"' if spot.bare else ""
        plain = settle(flat(spot.pieces))
        if self.personal:
            return Tracked(0, plain, spot.target, quote)
        if len(self.links) == MOST_LINKS:
            problems.add(spot.at, "TPL_TOO_BIG.links", most=MOST_LINKS)
        number = len(self.links) + 1
        category = self._category(spot.category)
        self.links.append(TrackedLink(number, as_written(spot.target), spot.name, category, part))
        same = all(isinstance(piece, str) for piece in spot.target)
        return Tracked(number, plain, None if same else spot.target, quote)

    def _category(self, written: str) -> int:
        name = written.strip().casefold()
        known = {each.casefold(): number for each, number in self.categories.items()}
        if name in known or not name:
            return known.get(name, 0)
        if _NUMBER.fullmatch(name) and (not known or int(name) in {0, *known.values()}):
            return int(name)
        self.note(Fault.of("note.link_category", name=name))
        return 0


def track(spots: Sequence[Spot], book: LinkBook, part: str, problems: Problems) -> None:
    """Give each spot that asks to be tracked its number, in their order, and each twin that of its link."""
    keys: dict[Target, list[tuple[int, Spot]]] = {}
    for index, spot in enumerate(spots):
        if _asks(spot) and not spot.twin:
            keys.setdefault(spot.target, []).append((index, spot))
    partners = _partners(spots, keys)
    for spot in spots:
        if _asks(spot) and spot not in partners:
            spot.tracked = book.add(part, spot, problems)
    for spot, partner in partners.items():
        if partner.tracked is not None:
            spot.tracked = replace(partner.tracked, plain=settle(flat(spot.pieces)), quote='"' if spot.bare else "")


def _partners(spots: Sequence[Spot], keys: Mapping[Target, Sequence[tuple[int, Spot]]]) -> dict[Spot, Spot]:
    """Return for each twin its link: the next of the address that has none yet, else the last before it."""
    claimed: set[tuple[bool, int]] = set()
    partners: dict[Spot, Spot] = {}
    for index, spot in enumerate(spots):
        if not (spot.twin and (spot.vml or _asks(spot))):
            continue
        same = keys.get(spot.target, ())
        free = ((place, link) for place, link in same if place > index and (spot.vml, place) not in claimed)
        place, partner = next(free, same[-1] if same else (index, None))
        if partner is not None:
            claimed.add((spot.vml, place))
            partners[spot] = partner
    return partners


def _asks(spot: Spot) -> bool:
    return spot.asked or any(tag.track for tag in spot.tags)


def flat(drafts: Iterable[Draft]) -> list[Piece]:
    """Return the pieces with every spot as it is: tracked, or what was written."""
    out: list[Piece] = []
    for draft in drafts:
        if isinstance(draft, Spot):
            out.extend([draft.tracked] if draft.tracked else flat(draft.pieces))
        elif isinstance(draft, DraftFork):
            out.append(Fork(tuple((when, tuple(flat(inner))) for when, inner in draft.branches)))
        elif not isinstance(draft, BodyEnd):
            out.append(draft)
    return out


def target_of(drafts: Sequence[Draft], fields: Iterable[str], base: str = "", *, html: bool) -> Target | None:
    """Return where an address leads, for everybody or by its markers; None where it is none that can be tracked.

    `html` says that it is written as HTML. Our own pages are left as they are: they carry tokens of their own.
    """
    if _has_spot(drafts):
        return None
    target = settle(_decoded(flat(drafts), html=html))
    if not target:
        return None
    last = len(target) - 1
    cleaned = tuple(
        addresses.trimmed(piece, first=index == 0, last=index == last) if isinstance(piece, str) else piece
        for index, piece in enumerate(target)
    )
    first = cleaned[0]
    if isinstance(first, str):
        first = addresses.joined(base, first) if base else first
        whole = addresses.is_http(first) if last == 0 else addresses.begins_http(first)
        return (first, *cleaned[1:]) if whole else None
    if isinstance(first, Slot) and isinstance(first.what, FieldValue):
        own = first.what.name in OWN and first.what.name not in set(fields)
        return None if own else cleaned
    return cleaned


def _has_spot(drafts: Iterable[Draft]) -> bool:
    return any(
        isinstance(draft, Spot)
        or (isinstance(draft, DraftFork) and any(_has_spot(inner) for _, inner in draft.branches))
        for draft in drafts
    )


def _decoded(pieces: Iterable[Piece], *, html: bool) -> Iterable[Piece]:
    for piece in pieces:
        if isinstance(piece, str):
            yield addresses.without_breaks(addresses.read_references(piece) if html else piece)
        elif isinstance(piece, Slot):
            yield Slot(piece.what, _DECODED.get(piece.show, piece.show))
        elif isinstance(piece, Fork):
            yield Fork(tuple((when, tuple(_decoded(inner, html=html))) for when, inner in piece.branches))
        else:
            yield piece


def is_twin(tag: str, block: Block) -> bool:
    """Return whether a link stands for another: in VML, or where only Outlook reads."""
    return is_vml(tag) or block is Block.OUTLOOK


def is_vml(tag: str) -> bool:
    """Return whether a tag is of VML, with which Outlook draws buttons."""
    return tag.startswith("v:")
