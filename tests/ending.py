"""Programs that tests start end with the tests, also where these are killed."""

import shutil
from collections.abc import Sequence
from pathlib import Path

_SETPRIV = shutil.which("setpriv")  # of util-linux


def ending_with_us(command: Sequence[str | Path], number: str = "TERM") -> list[str | Path]:
    """Return a command that the kernel sends this signal when the test's process is no more, however it ended."""
    return [_SETPRIV, "--pdeathsig", number, "--", *command] if _SETPRIV else [*command]
