"""Waiting for what is meant, in every test alike."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 90.0
_PAUSE = 0.05

Answer = TypeVar("Answer")


def wait_for(question: Callable[[], Answer], what: str, seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is true and return it; fails with `what` was waited for."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not (answer := question()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        pause.wait(_PAUSE)
    return answer
