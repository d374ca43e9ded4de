"""Where in HTML one is."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

RAW_TAGS: Final = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})
ADDRESS_ATTRIBUTES: Final = frozenset(
    {
        "href", "src", "background", "action", "formaction", "poster", "cite", "longdesc", "xlink:href", "data",
        "ping", "codebase",
    }
)  # fmt: skip


class Mode(Enum):
    """What the next character belongs to."""

    TEXT = auto()
    OPENING = auto()  # right after a bare <
    NAME = auto()
    TAG = auto()
    ATTRIBUTE = auto()
    AFTER = auto()  # after an attribute's name
    BEFORE = auto()  # after its =
    DOUBLE = auto()
    SINGLE = auto()
    UNQUOTED = auto()
    COMMENT = auto()
    DECLARATION = auto()
    RAW = auto()


LOOSE: Final = frozenset({Mode.NAME, Mode.TAG, Mode.ATTRIBUTE, Mode.AFTER, Mode.BEFORE, Mode.UNQUOTED})
VALUES: Final = frozenset({Mode.DOUBLE, Mode.SINGLE, Mode.UNQUOTED})


class Block(Enum):
    """Who reads what is here: conditional comments show some of it to Outlook, some to everybody else."""

    ALL = auto()
    OUTLOOK = auto()
    OTHERS = auto()


@dataclass(slots=True)
class State:
    """Where one is. `value` is the text so far of an attribute that is looked at, each marker as one x.

    `unsure`: what comes before it in the value differs from person to person, and is nothing for some. `linked` and
    `marked`: the tag had its href and its track (the first of each counts). `opened` is where what isn't closed yet
    began: a comment, a tag, a conditional block.
    """

    mode: Mode = Mode.TEXT
    tag: str = ""
    closing: bool = False
    attribute: str = ""
    value: str = ""
    unsure: bool = False
    linked: bool = False
    marked: bool = False
    block: Block = Block.ALL
    opened: int = 0


def in_style(state: State) -> bool:
    """Return whether a marker is in CSS: a style sheet or a style attribute."""
    if state.mode is Mode.RAW:
        return state.tag == "style"
    return state.mode in VALUES | {Mode.BEFORE} and state.attribute == "style"


def merge(ends: Sequence[State]) -> State | None:
    """Return the place where all branches end, or None where a marker behind them couldn't be placed."""
    first = ends[0]
    if all(end.mode in LOOSE for end in ends) and len({end.mode for end in ends}) > 1:
        loose = any(end.mode in {Mode.BEFORE, Mode.UNQUOTED} for end in ends)
        return replace(first, mode=Mode.UNQUOTED if loose else Mode.ATTRIBUTE, attribute="", value="")
    if any((end.mode, _kind(end)) != (first.mode, _kind(first)) for end in ends):
        return None
    # The emptiest is the one whose scheme still comes; the others have theirs.
    merged = replace(min(ends, key=lambda end: len(end.value)))
    begun = {blank(end.value) for end in ends} if first.attribute in ADDRESS_ATTRIBUTES else set()
    merged.unsure = merged.unsure or len(begun) > 1
    merged.linked, merged.marked = any(end.linked for end in ends), any(end.marked for end in ends)
    return merged


def _kind(state: State) -> tuple[object, ...]:
    """Return what makes a difference for the next marker in this place."""
    if state.mode is Mode.RAW:
        return (state.tag,)
    return (state.attribute,) if state.mode in VALUES | {Mode.BEFORE} else ()


def blank(value: str) -> bool:
    """Return whether nothing but blanks comes before a marker, also such as are written as references."""
    return not html.unescape(value).strip()
