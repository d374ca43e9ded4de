"""One line of the doctor's: where, in what state, and what to do."""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """`mend` makes the command fail: mail is not sent, or not rightly; `look` works but should be seen to."""

    FINE = "fine"
    LOOK = "look"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at one place; the sentence of one that is not fine says what to do."""

    place: str
    state: State
    sentence: str


def fine(place: str, sentence: str) -> Finding:
    """Return a finding with nothing to do."""
    return Finding(place, State.FINE, sentence)


def look(place: str, sentence: str) -> Finding:
    """Return a finding that somebody should see to."""
    return Finding(place, State.LOOK, sentence)


def mend(place: str, sentence: str) -> Finding:
    """Return a finding that must be mended."""
    return Finding(place, State.MEND, sentence)
