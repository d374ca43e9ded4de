"""One point of the list: how grave it is, its stable code, and the sentence for whoever sends."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    FINE = "fine"
    UNKNOWN = "unknown"  # being found out: nothing that Send now could ask about
    LOOK = "look"  # Send now asks about it
    STOP = "stop"  # Send now refuses


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `place` is the tab of the delivery's page where it is mended or read."""

    level: Level
    code: str
    sentence: str
    place: str = "message"
