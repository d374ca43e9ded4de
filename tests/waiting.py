"""Waiting for what is meant, in every test alike."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

# So long that it says something of the product also where other programs keep the machine busy.
PATIENCE = 180.0
_PAUSE = 0.05

Answer = TypeVar("Answer")


def wait_for(question: Callable[[], Answer], what: str, seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is true and return it; fails with `what` was waited for."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not (answer := question()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        pause.wait(_PAUSE)
    return answer


def wait_for_end(*threads: threading.Thread) -> None:
    """Wait until each thread is over: what it did can be checked then."""
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), f"waited {PATIENCE:.0f} s in vain for the end of {thread.name}"
