"""What tests start ends with the tests, also where these are killed."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_SETPRIV = shutil.which("setpriv")  # of util-linux
# Reads until nobody holds the other end any more.
_AFTERWARDS = """
import shutil, sys
from pathlib import Path
from xmld_project.standalone.postgres import processes
sys.stdin.read()
data, *folders = map(Path, sys.argv[1:])
if (left := processes.postmaster(data)) is not None:
    processes.end(left)
for folder in folders:
    shutil.rmtree(folder, ignore_errors=True)
"""


def ending_with_us(command: Sequence[str | Path], number: str = "TERM") -> list[str | Path]:
    """Return a command that the kernel sends this signal when the test's process is no more, however it ended."""
    return [_SETPRIV, "--pdeathsig", number, "--", *command] if _SETPRIV else [*command]


def cleared_after_us(data: Path, *folders: Path) -> subprocess.Popen[bytes]:
    """Start what ends the PostgreSQL of this data, and takes the folders away, once this process is no more."""
    command = [sys.executable, "-c", _AFTERWARDS, str(data), *map(str, folders)]
    return subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, start_new_session=True)
