"""Where in HTML one is."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

RAW_TAGS: Final = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})
ADDRESS_ATTRIBUTES: Final = frozenset(
    {"href", "src", "background", "action", "formaction", "poster", "cite", "longdesc", "xlink:href"}
)


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
