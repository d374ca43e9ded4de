"""What a supervisor left that was killed: found by the mark in its environment, ended before a new start."""

import os
from pathlib import Path

import psutil

from xmld_project.standalone import parent


def _left_by(state: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(parent.STATE) == str(state):
                found.append(process)
        except (psutil.Error, OSError):  # another user's, or gone meanwhile
            continue
    return found


def end(state: Path, grace: float) -> int:
    """End them and return their number. They have SIGTERM from the kernel already and get `grace` seconds more."""
    left = _left_by(state)
    for process in left:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _, stubborn = psutil.wait_procs(left, timeout=grace)
    for process in stubborn:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(stubborn, timeout=5)
    return len(left)
