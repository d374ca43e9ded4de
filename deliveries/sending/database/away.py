"""When the database does not answer: one name for it, whichever way we talk to it."""

from collections.abc import Mapping
from typing import Any

import psycopg


class DatabaseAway(Exception):
    """The database did not take it, or we can't know whether it did."""


def with_bounded_waits(options: Mapping[str, Any]) -> dict[str, Any]:
    """Add to how a session is opened that it waits 2 s for a lock: who holds one for longer is waited for outside.

    It is said at the start: preparing a statement takes a lock too. Set later, a pooler would hand it on to others,
    whose statements may wait for longer.
    """
    return {**options, "options": f"{options.get('options', '')} -c lock_timeout=2s".strip()}


def means_away(error: psycopg.Error) -> bool:
    """Return whether this passes by itself (no connection, a lock, a full disk), as a mistake of ours does not."""
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError)
