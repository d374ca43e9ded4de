"""When it goes out (reference 2.3): pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_FRACTION: Final = re.compile(r"\.\d+")
PAST_ALLOWED: Final = timedelta(hours=24)
YEARS_AHEAD: Final = 10
_EARLIEST_YEAR: Final = 1990  # of a proposed time; arithmetic on years 1 and 9999 overflows


@dataclass(frozen=True, slots=True)
class Times:
    """`refusal` is DATE_INVALID, DATE_TOO_FAR or empty; `is_past` = by so little that it is sent at once."""

    start_at: datetime | None = None
    proposed_at: datetime | None = None
    refusal: str = ""
    is_past: bool = False


def times(written: str, method: str, zone: ZoneInfo, now: datetime) -> Times:
    """Return what a schedule means; `now` is aware. Empty: at once."""
    if not written:
        return Times()
    year = int(written[:4])
    if year > now.year + YEARS_AHEAD or (method == "manual" and year < _EARLIEST_YEAR):
        return Times(refusal="DATE_TOO_FAR")
    if method == "manual":
        return Times(proposed_at=instant(written, zone))
    at = instant(written, zone) if year >= _EARLIEST_YEAR else None
    if at is None or now - at > PAST_ALLOWED:
        return Times(refusal="DATE_INVALID")
    return Times(start_at=at) if at > now else Times(is_past=True)


def instant(written: str, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) of `yyyy-mm-ddThh:mm:ss` with or without an offset.

    Without one it is the wall clock of `zone`: an hour that does not exist moves forward by the gap, one that
    exists twice takes the first. A fraction of a second is dropped.
    """
    given = datetime.fromisoformat(_FRACTION.sub("", written))
    if given.tzinfo is None:
        given = given.replace(tzinfo=zone, fold=0)  # in a gap, fold 0 reads the offset before it: forward
    return given.astimezone(UTC)
