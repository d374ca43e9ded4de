"""Which processes work on a data folder: the server, and what a killed one left behind."""

import contextlib
from pathlib import Path
from typing import Final

import psutil

_GRACE: Final = 5.0


def _works_on(process: psutil.Process, data: Path) -> bool:
    """Return whether the process works in the data folder, as every process of PostgreSQL does."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == data
    except (psutil.Error, OSError):
        return False


def postmaster(data: Path) -> psutil.Process | None:
    """Return the server of this data folder, or None: a stale or foreign postmaster.pid names nobody."""
    try:
        # Bytes: its next line is the folder, in any encoding.
        pid = int((data / "postmaster.pid").read_bytes().split(b"\n", 1)[0])
        process = psutil.Process(pid)
    except (OSError, ValueError, psutil.Error):
        return None
    return process if _works_on(process, data) else None


def end_orphans(data: Path) -> None:
    """End what works on the data folder without a server, so that a new one may take its shared memory."""
    orphans = [process for process in psutil.process_iter() if _works_on(process, data)]
    for process in orphans:
        end(process)


def end(process: psutil.Process, *, grace: float = _GRACE) -> None:
    """Ask a process to go, and after `grace` seconds make it."""
    try:
        process.terminate()
        process.wait(grace)
    except psutil.TimeoutExpired:
        process.kill()
        with contextlib.suppress(psutil.TimeoutExpired):  # one that waits for a disk
            process.wait(_GRACE)
    except psutil.NoSuchProcess:
        return
