"""How much of the disk a space uses, and how much it may (XMLD_SFTP_QUOTA_MB)."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

MOST_FILES: Final = 100_000  # of a space: a listing reads them all
_BLOCK: Final = 512  # bytes in st_blocks, whatever the disk's own blocks are (POSIX)
_FRESH: Final = 1.0  # seconds for which one measurement serves everybody
_GOOD_FOR: Final = 30.0  # seconds for which the sum of what was written since is believed


class Usage:
    """One space's folder, measured in a thread; what is written meanwhile is added, rewritten bytes too."""

    def __init__(self, folder: Path, quota: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._quota = quota
        self._clock = clock
        self._bytes = self._files = 0
        self._measured_at = float("-inf")
        self._measuring = asyncio.Lock()

    async def take(self, size: int, files: int = 0) -> bool:
        """Count what is to be written, if there is room; a full space is measured anew before it is refused."""
        if self._clock() - self._measured_at > _GOOD_FOR or not self._has_room(size, files):
            await self._measure()
        if not self._has_room(size, files):
            return False
        self._bytes += size
        self._files += files
        return True

    def _has_room(self, size: int, files: int) -> bool:
        return self._bytes + size <= self._quota and self._files + files <= MOST_FILES

    async def _measure(self) -> None:
        async with self._measuring:
            if self._clock() - self._measured_at > _FRESH:
                self._bytes, self._files = await asyncio.to_thread(_measured, self._folder)
                self._measured_at = self._clock()


def _measured(folder: Path) -> tuple[int, int]:
    """Return bytes on the disk and number of the files below a folder; what vanishes meanwhile counts nothing."""
    size = files = 0
    for where, folders, names in os.walk(folder):
        for name in (*folders, *names):
            files += 1
            try:
                size += os.lstat(Path(where) / name).st_blocks * _BLOCK
            except OSError:
                continue
    return size, files
