"""How long a server that runs may take no connections: as long as it recovers, else not for ever.

PostgreSQL 18 whose start-up process is killed while it recovers from a killed backend starts no other: it says "in
recovery mode" until somebody stops it.
"""

import re
import time
from typing import Final

import psutil
import psycopg

RECOVERING: Final = 15.0  # what ends the other processes before a recovery takes 5 s at most
SILENT: Final = 60.0

STARTUP: Final = re.compile(r"postgres: (?:\S+: )?startup\b")  # "postgres: name name [local] startup" is a client's
_NOT_YET: Final = re.compile("is (?:starting up|in recovery mode|not yet accepting connections)")
_ANSWERS: Final = re.compile("FATAL: (?!.*database system is)")  # full, a wrong password: restarting mends neither


class Patience:
    """Ends when a server has taken no connection for a while in which nobody recovered."""

    def __init__(self) -> None:
        self._began: float | None = None

    def begin_anew(self) -> None:
        """Forget what was refused: a connection was made, or another server was started."""
        self._began = None

    def ended_by(self, refusal: psycopg.OperationalError, server: psutil.Process | None) -> bool:
        """Take note of a refusal; True when this one is too many."""
        said = str(refusal)
        if server is None or _ANSWERS.search(said) or _recovers(server):
            self.begin_anew()
            return False
        self._began = self._began or time.monotonic()
        return time.monotonic() - self._began > (RECOVERING if is_recovering(refusal) else SILENT)


def is_recovering(refusal: psycopg.OperationalError | None) -> bool:
    """Return whether the server says that it recovers, be it true or not."""
    return bool(_NOT_YET.search(str(refusal)))


def _recovers(server: psutil.Process) -> bool:
    """Return whether the start-up process works, which writes what was not written yet; in doubt it does."""
    try:
        return any(STARTUP.match(" ".join(child.cmdline())) for child in server.children())
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
