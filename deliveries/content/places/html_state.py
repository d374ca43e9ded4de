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


@dataclass(slots=True)
class State:
    """Where one is. `value` is an address attribute's text so far, each marker standing as one x."""

    mode: Mode = Mode.TEXT
    tag: str = ""
    closing: bool = False
    attribute: str = ""
    value: str = ""


def in_style(state: State) -> bool:
    """Tell whether a marker stands in CSS: a style sheet or a style attribute."""
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
    return max(ends, key=lambda end: len(end.value))


def _kind(state: State) -> tuple[object, ...]:
    """Return what makes a difference for the next marker in this place."""
    if state.mode is Mode.RAW:
        return (state.tag,)
    if state.mode in VALUES | {Mode.BEFORE}:
        return state.attribute, state.attribute in ADDRESS_ATTRIBUTES and blank(state.value)
    return ()


def blank(value: str) -> bool:
    """Tell whether nothing but blanks stands before a marker, also such as are written as references."""
    return not html.unescape(value).strip()
