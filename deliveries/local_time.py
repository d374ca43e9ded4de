"""A moment as people write it: with an offset, or in the account's zone (reference 2.3). Pure."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from deliveries.errors import ClientError


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Return an ISO time in UTC; an hour that exists twice takes the first, one that doesn't moves forward.

    Raises ClientError(SCHEDULE) for anything else.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ClientError("SCHEDULE", text=text) from error
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    # fold 0 is the first of two, and in a gap the offset from before it: an hour further on.
    return given.replace(tzinfo=zone, fold=0).astimezone(UTC)
