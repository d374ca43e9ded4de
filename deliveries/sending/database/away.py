"""When the database does not answer: one name for it, whichever way we talk to it."""

import psycopg


class DatabaseAway(Exception):
    """The database did not take it, or we can't know whether it did."""


def means_away(error: psycopg.Error) -> bool:
    """Return whether this passes by itself (no connection, a lock, a full disk), as a mistake of ours does not."""
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError)
