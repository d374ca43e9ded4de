"""Processes that a measurement starts, waits for and ends."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
MANAGE: Final = (sys.executable, str(ROOT / "manage.py"))
# Where Debian puts programs that are not for everybody.
_FOLDERS: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/libexec/postfix"
_GOING: Final = 40.0


class MeasurementError(Exception):
    """A figure can't be had; the text is the one line that says why."""


def program(name: str) -> str:
    """Return where a program lies; raises MeasurementError where it is not installed."""
    found = shutil.which(name, path=_FOLDERS)
    if found is None:
        raise MeasurementError(f"{name} is not installed: .ci/packages bench installs it")
    return found


def wait_for(question: Callable[[], Any], what: str, seconds: float = 60.0, pause: float = 0.1) -> Any:
    """Ask until the answer is true and return it; raises MeasurementError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise MeasurementError(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)


def run_through(command: Sequence[str], longest: float, **how: Any) -> None:
    """Run a program to its end, killed after so many seconds; raises MeasurementError where it fails.

    `subprocess.run` with a timeout notices the end up to 50 ms later, which is a fifteenth of a short run.
    """
    with subprocess.Popen(command, **how) as process:
        limit = threading.Timer(longest, process.kill)
        limit.start()
        try:
            code = process.wait()
        finally:
            limit.cancel()
    if code:
        raise MeasurementError(f"{command[0]} ended with {code}")


def free_port() -> int:
    """Return a port of loopback that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    """Return whether somebody takes connections on this port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(*command: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Hold a process up for a block, in a group of its own; what it said is shown if the block fails."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield process
        except Exception:
            said.seek(0)
            sys.stderr.write(said.read()[-2_000:].decode(errors="replace"))
            raise
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GOING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(_GOING)
    with contextlib.suppress(ProcessLookupError):  # workers that it left
        os.killpg(process.pid, signal.SIGKILL)
