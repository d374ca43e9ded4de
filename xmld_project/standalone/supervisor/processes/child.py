"""One process under the supervisor: its group, its log, and how long it waits before it is started again."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from xmld_project.standalone.supervisor.processes.backing_off import BackOff
from xmld_project.standalone.supervisor.processes.forking import Process, Starter


class Child:
    """A part by its name. Each start makes a process group of its own, so that all of it can be ended.

    `answers` is set by who asked it, once since its last start: before, it counts as not there.
    """

    def __init__(self, name: str, command: Sequence[str], starter: Starter, log: Path) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._starter = starter
        self._process: Process | None = None
        self._started_at = 0.0
        self._pauses = BackOff()
        self.answers = False

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def age(self) -> float:
        """Seconds since the last start."""
        return time.monotonic() - self._started_at

    @property
    def due(self) -> bool:
        """Whether it should be started now."""
        return self._process is None and self._pauses.due

    def start(self) -> None:
        """Start it, its output appended to its log. Raises OSError."""
        self._started_at = time.monotonic()
        self.answers = False
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = self._starter.start(self._command, log)

    def put_off(self) -> float:
        """Count an end that nobody asked for and return how many seconds the next start waits."""
        return self._pauses.put_off()

    def ended(self) -> int | None:
        """Return the exit code once after it ended by itself, its whole group gone with it; else None."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None:
            self.tell_group(signal.SIGKILL)
            self._process = None
        return code

    def is_over(self) -> bool:
        """Return whether it has ended or never ran."""
        return self._process is None or self._process.poll() is not None

    def tell(self, number: signal.Signals) -> None:
        """Signal the process that leads the group: it tells its own workers."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def tell_group(self, number: signal.Signals) -> None:
        """Signal everybody in the group, also when its leader is gone."""
        if self._process:
            try:
                os.killpg(self._process.pid, number)
            except (ProcessLookupError, PermissionError):  # macOS says the latter of zombies
                return
