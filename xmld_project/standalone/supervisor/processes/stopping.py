"""The end, in order: who works first, then whom they talk to; PostgreSQL is last (postgres/server.py)."""

import signal
import threading
import time
from collections.abc import Sequence
from typing import Final

from xmld_project.standalone.supervisor.processes.child import Child

_TALKED_TO: Final = {"sftp", "catcher"}
_LONGEST_BUT_SENDERS: Final = 30.0  # a run or a page is taken up again; only a sender's reply is lost for good
_MARGIN: Final = 1.0  # for what a process does once it has given up its work


def stop_all(children: Sequence[Child], stop_seconds: int, hurry: threading.Event) -> None:
    """Ask all to go and make them when their time is over; `hurry` ends the waiting."""
    workers = [child for child in children if child.name not in _TALKED_TO]
    servers = [child for child in children if child.name in _TALKED_TO]
    for group in (workers, servers):
        began = time.monotonic()
        for child in group:
            child.tell(signal.SIGTERM)
        left = list(group)
        while left and not hurry.is_set():
            left = [child for child in left if not child.is_over()]
            elapsed = time.monotonic() - began
            for child in left:
                if elapsed > _patience(child, stop_seconds):
                    child.tell_group(signal.SIGKILL)
            if left:
                hurry.wait(0.05)
        for child in group:
            child.tell_group(signal.SIGKILL)
            child.is_over()


def _patience(child: Child, stop_seconds: int) -> float:
    if child.name.startswith("sender"):
        return stop_seconds + _MARGIN
    return min(float(stop_seconds), _LONGEST_BUT_SENDERS)
