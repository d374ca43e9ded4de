"""Which parts a message has: `preferred_content` against what is given here and by the newsletter."""

from dataclasses import dataclass
from typing import Final

from deliveries.content.source import ContentError, Problem

_WANTED: Final = {"rich_text": (True, False), "simple_text": (False, True), "both": (True, True)}
_NAMES: Final = ("HTML", "text")


@dataclass(frozen=True, slots=True)
class Formats:
    """Whether the message has an HTML part and a text part."""

    html: bool
    text: bool


def choose(preferred: str, *, given: tuple[bool, bool], default: tuple[bool, bool]) -> Formats:
    """Return the parts of a message; `given` and `default` say (html, text) for the bundle and the newsletter.

    Empty `preferred` means the parts that are there: those given, else the newsletter's. Raises ContentError.
    """
    if not preferred:
        return Formats(*(given if any(given) else default))
    wanted = _WANTED.get(preferred)
    if wanted is None:
        raise _error("FORMAT_UNKNOWN", "write rich_text, simple_text or both")
    for name, want, here, newsletter in zip(_NAMES, wanted, given, default, strict=True):
        if here and not want:
            raise _error("FORMAT_EXCLUDES", f"{preferred} excludes the {name} part that is given; drop one")
        if want and not here and not newsletter:
            raise _error("FORMAT_MISSING", f"{preferred} asks for a {name} part, which is nowhere to be had")
    return Formats(*wanted)


def _error(code: str, sentence: str) -> ContentError:
    return ContentError((Problem("preferred_content", 0, 0, code, f"preferred_content: {sentence}"),))
