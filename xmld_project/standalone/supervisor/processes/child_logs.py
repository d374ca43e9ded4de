"""The children's log files: kept small, and their errors shown on the console."""

import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

LARGEST: Final = 10 * 1024**2  # bytes: then it is set aside and begun anew
_TAIL: Final = 64 * 1024  # bytes looked through for what a process said last
_WORSE: Final = re.compile(
    rb"\[(?:error|critical) *\]|\"level\": ?\"(?:error|critical)\"|^\[(?:ERROR|CRITICAL)\]|\b(?:FATAL|PANIC):"
)


class LogWatch:
    """Follows log files from where they are now."""

    def __init__(self, files: Iterable[Path], show: Callable[[str], None]) -> None:
        self._read = {path: path.stat().st_size if path.exists() else 0 for path in files}
        self._show = show

    def look(self) -> None:
        """Show new lines that tell of an error, and put a file aside that has grown. Raises OSError."""
        for path, read in self._read.items():
            if not path.exists():
                continue
            size = path.stat().st_size
            start = read if size >= read else 0
            if size > start:
                self._show_errors(path, max(start, size - _TAIL), size)
            self._read[path] = size
            if size > LARGEST:
                # The writer holds the file open for appending: copied and cut, it goes on in the same file.
                shutil.copyfile(path, path.with_suffix(".log.1"))
                with path.open("r+b") as file:
                    file.truncate(0)
                self._read[path] = 0

    def _show_errors(self, path: Path, start: int, end: int) -> None:
        with path.open("rb") as file:
            file.seek(start)
            lines = file.read(end - start).splitlines()
        for line in lines:
            if _WORSE.search(line):
                self._show(f"{path.stem}: {line.decode('utf-8', 'replace')}")


def last_line(path: Path) -> str:
    """Return the last line of a log that says something, or nothing."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    return next((line[:300] for line in reversed(lines) if line), "")
