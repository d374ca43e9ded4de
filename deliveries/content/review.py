"""What a person should know of a message before it goes out: data, the sentences are made where they are read.

The HTML is looked at as one person gets it, so that fields, conditions and a field's page count as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from deliveries.content.compiled import CompiledMessage
from deliveries.content.places.html_scanner import Listener, Scanner
from deliveries.content.places.html_state import Block
from deliveries.content.source import Envelope

MOST_HTML: Final = 102 * 1024  # Gmail cuts an HTML part there and hides what follows, the way out too
_SHOWN: Final = 10


class RemarkCode(StrEnum):
    """What there is to say; `params` of a remark are named beside each."""

    NO_TEXT = "NO_TEXT"
    NO_HTML = "NO_HTML"
    NO_WAY_OUT = "NO_WAY_OUT"  # part
    IMAGE_WITHOUT_ALT = "IMAGE_WITHOUT_ALT"  # count, first: its address
    HTTP_LINK = "HTTP_LINK"  # count, first: its address
    LONG_HTML = "LONG_HTML"  # bytes, most
    EMPTY_FIELDS = "EMPTY_FIELDS"  # count, names: of fields that the message prints and this person lacks


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know."""

    code: RemarkCode
    params: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Review:
    """One person's message looked at: its size on the way in bytes, and what there is to say."""

    size: int
    remarks: tuple[Remark, ...]


def review(compiled: CompiledMessage, values: Mapping[str, object], envelope: Envelope) -> Review:
    """Look at one person's message. Raises ComposeError where it can't be made."""
    html, text = compiled.bodies(values, envelope)
    found: list[Remark] = []
    if not text.strip():
        found.append(Remark(RemarkCode.NO_TEXT, {}))
    if not html.strip():
        found.append(Remark(RemarkCode.NO_HTML, {}))
    found += [Remark(RemarkCode.NO_WAY_OUT, {"part": part}) for part in compiled.without_way_out]
    found += _in_markup(html)
    length = len(html.encode("utf-8", "replace"))
    if length > MOST_HTML:
        found.append(Remark(RemarkCode.LONG_HTML, {"bytes": length, "most": MOST_HTML}))
    empty = sorted(name for name in compiled.used_fields if values.get(name) in {None, ""})
    if empty:
        found.append(Remark(RemarkCode.EMPTY_FIELDS, {"count": len(empty), "names": ", ".join(empty[:_SHOWN])}))
    return Review(len(compiled.compose(values, envelope)), tuple(found))


def _in_markup(html: str) -> list[Remark]:
    looker = _Looker(html)
    found = []
    for code, addresses in (
        (RemarkCode.IMAGE_WITHOUT_ALT, looker.images),
        (RemarkCode.HTTP_LINK, looker.links),
    ):
        if addresses:
            found.append(Remark(code, {"count": len(addresses), "first": addresses[0][:200]}))
    return found


@dataclass(slots=True)
class _Tag:
    """The attributes of one tag that matter."""

    source: str = ""
    link: str = ""
    described: bool = False


@dataclass(slots=True, eq=False)
class _Looker(Listener):
    """Gathers images without an alternative text, and links without https."""

    markup: str
    images: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    _tag: _Tag = field(default_factory=_Tag)
    _scanner: Scanner = field(init=False)

    def __post_init__(self) -> None:
        self._scanner = Scanner(self)
        self._scanner.feed(self.markup)

    def tag_began(self, at: int) -> None:  # noqa: ARG002  where it is doesn't matter
        self._tag = _Tag()

    def attribute_ended(self, at: int) -> None:  # noqa: ARG002  the same
        state = self._scanner.state
        if state.attribute == "alt":
            self._tag.described = True
        elif state.attribute == "src":
            self._tag.source = self._tag.source or state.value
        elif state.attribute == "href":
            self._tag.link = self._tag.link or state.value

    def tag_ended(self) -> None:
        state = self._scanner.state
        if state.closing or state.block is not Block.ALL:
            return
        if state.tag == "img" and not self._tag.described:
            self.images.append(self._tag.source)
        if state.tag in {"a", "area"} and self._tag.link.strip().lower().startswith("http:"):
            self.links.append(self._tag.link)
