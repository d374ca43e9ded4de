"""A child of the supervisor ends with it, however the supervisor ends."""

import ctypes
import os
import signal
import sys
from typing import Final

SUPERVISOR: Final = "XMLD_SUPERVISOR_PID"
STATE: Final = "XMLD_SUPERVISED_STATE"  # the mark by which the next start knows what an earlier one left
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def supervised() -> bool:
    """Return whether a supervisor started this process, or one that it comes from."""
    return SUPERVISOR in os.environ


def end_with_supervisor() -> None:
    """Ask the kernel for SIGTERM when the supervisor dies; call it again after dropping to another user.

    Linux only, and only for its direct children; the next start ends whatever else was left (orphans.py).
    """
    supervisor = os.environ.get(SUPERVISOR, "")
    if not sys.platform.startswith("linux") or str(os.getppid()) != supervisor:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if str(os.getppid()) != supervisor:  # it died before we asked
        os.kill(os.getpid(), signal.SIGTERM)
