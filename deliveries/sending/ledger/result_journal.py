"""Results that the database could not take: kept in a file, on disk before we go on, replayed at the start."""

import base64
import contextlib
import fcntl
import json
import logging
import os
import zlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from django.db import transaction

from deliveries import conf
from deliveries.sending.ledger import commit
from deliveries.sending.ledger.records import Outcome

_log: Final = logging.getLogger(__name__)


def _folder() -> Path:
    return conf.state_dir() / "journal"


class Journal:
    """One sender's file, locked while the sender lives: nobody replays what is still being written."""

    def __init__(self, owner: int) -> None:
        self.owner = owner
        self._file: TextIO | None = None

    @property
    def path(self) -> Path:
        """The file, named after its owner."""
        return _folder() / f"sender-{self.owner}.jsonl"

    def keep(self, results: Iterable[Outcome]) -> bool:
        """Add results, on disk (fsync) when this returns; return whether the disk took them."""
        lines = "\n".join(_line(result) for result in results)
        if not lines:
            return True
        try:
            file = self._opened()
            file.write(f"\n{lines}\n")  # begins a line of its own even after one that was cut
            file.flush()
            os.fsync(file.fileno())
        # they stay in memory, and in doubt should this process die before the database is back
        except OSError as error:
            _log.warning("JOURNAL: results could not be kept on disk either: %s", error)
            self.close()
            return False
        return True

    def clear(self) -> None:
        """Forget what the database has taken since."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave the file to whoever replays it."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # what could not be written to a full disk, once more
                self._file.close()
            self._file = None

    def _opened(self) -> TextIO:
        if self._file is None:
            _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self.path.open("a", encoding="ascii")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.fstat(self._file.fileno()).st_nlink:
                raise OSError("another sender took the file for a dead one's before it was locked")
        return self._file


def _line(result: Outcome) -> str:
    plain: dict[str, Any] = result._asdict()
    if result.composed_at is not None:
        plain["composed_at"] = result.composed_at.isoformat()
    if result.digest is not None:
        plain["digest"] = result.digest.hex()
    if result.body is not None:
        plain["body"] = base64.b64encode(zlib.compress(result.body)).decode("ascii")
    return json.dumps(plain)


def _result(line: str) -> Outcome:
    """Return what _line wrote; raises ValueError where the line was cut."""
    plain: dict[str, Any] = json.loads(line)
    if "sha256" in plain:  # as 0.1.0 called it
        plain["digest"] = plain.pop("sha256")
    if plain["composed_at"] is not None:
        plain["composed_at"] = datetime.fromisoformat(plain["composed_at"])
    if plain["digest"] is not None:
        plain["digest"] = bytes.fromhex(plain["digest"])
    if plain["body"] is not None:
        plain["body"] = zlib.decompress(base64.b64decode(plain["body"]))
    return Outcome(**plain)


def _read(path: Path) -> list[Outcome]:
    results = []
    # One cut line loses one result, never those behind it.
    for line in path.read_text(encoding="ascii").splitlines():
        try:
            results.append(_result(line))
        except ValueError:  # cut when the disk was full or the process died: its message stays in doubt
            continue
    return results


def replay() -> int:
    """Record what dead senders of this machine had kept; return how many results. Before the first lease."""
    files = sorted(_folder().glob("sender-*.jsonl")) if _folder().is_dir() else []
    return sum(_replayed(path) for path in files)


def _replayed(path: Path) -> int:
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError):  # its sender lives, or another replays it
            return 0
        results = _read(path)
        with transaction.atomic():
            commit.record(int(path.stem.removeprefix("sender-")), results)
        path.unlink(missing_ok=True)
        return len(results)
