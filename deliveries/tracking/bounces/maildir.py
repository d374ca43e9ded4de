"""A Maildir of mail that comes back (XMLD_BOUNCE_MAILDIR): read, recorded, then moved from new/ to cur/.

The move comes after the commit: a crash in between reads the mail again, and a repeat changes nothing.
"""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from django.db import DataError, connection
from django.db import Error as DatabaseError

from deliveries.tracking.bounces.parts import MOST_BYTES
from deliveries.tracking.bounces.receive import Outcome, receive

EVERY: Final = 2.0  # seconds between two looks
_SEEN: Final = ":2,S"  # the Maildir's own mark of what was read

_log: Final = structlog.get_logger(__name__)


class MaildirReader:
    """The loop over one Maildir; `heartbeat` is called at each look, `take` with each mail."""

    def __init__(
        self,
        folder: Path,
        stop: threading.Event,
        heartbeat: Callable[[], object],
        take: Callable[[bytes], list[Outcome]] = receive,
    ) -> None:
        self._new, self._cur = folder / "new", folder / "cur"
        self._stop = stop
        self._heartbeat = heartbeat
        self._take = take
        self._left: dict[str, str] = {}
        self._trouble = ""

    def run(self) -> None:
        """Look every two seconds until told to stop; a database or folder that is away is looked for again."""
        while not self._stop.is_set():
            try:
                self._heartbeat()
                self.look()
                self._trouble = ""
            except DatabaseError as error:
                self._say(f"the database took nothing: {str(error).strip()[:200]}")
                connection.close()
            except OSError as error:
                self._say(f"{self._new}: {error.strerror}")
            self._stop.wait(EVERY)

    def look(self) -> list[Outcome]:
        """Take in what is new, oldest name first; return what became of it. Raises OSError and django.db.Error."""
        found: list[Outcome] = []
        names = sorted(entry.name for entry in os.scandir(self._new) if not entry.name.startswith("."))
        self._left = {name: why for name, why in self._left.items() if name in names}
        for name in names:
            if self._stop.is_set():
                break
            data = self._read(name)
            if data is not None:
                try:
                    found += self._take(data)
                except DataError as error:  # no later try would end otherwise, and the mails behind it wait
                    self._leave(name, f"the database can't hold what it says: {str(error).strip()[:200]}")
                    continue
                self._done(name)
        return found

    def _read(self, name: str) -> bytes | None:
        """Return a mail's first megabyte; None for what can't be read: it stays where it is, and is said once."""
        try:
            handle = os.open(self._new / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    self._leave(name, "it is not an ordinary file")
                    return None
                return file.read(MOST_BYTES)
        except FileNotFoundError:  # another reader of the same Maildir was faster
            return None
        except OSError as error:
            self._leave(name, error.strerror or "it can't be read")
            return None

    def _leave(self, name: str, why: str) -> None:
        if self._left.get(name) != why:
            self._left[name] = why
            _log.warning(
                "a mail is left where it is: mend it or move it away", file=str(self._new / name), reason=why
            )

    def _done(self, name: str) -> None:
        target = self._cur / f"{name.partition(':2,')[0]}{_SEEN}"
        try:
            (self._new / name).rename(target)
        except FileNotFoundError:
            return

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("no bounce is read: tried again", reason=trouble)
