"""A folder as it is listed: read in a thread, one folder of a space at a time."""

import asyncio
import os
from collections.abc import Callable, Iterator

import asyncssh


class Listing:
    """The names of a folder, read when the first is asked for."""

    def __init__(self, turn: asyncio.Lock, read: Callable[[], list[asyncssh.SFTPName]]) -> None:
        self._turn = turn
        self._read = read
        self._names: Iterator[asyncssh.SFTPName] | None = None

    def __aiter__(self) -> "Listing":
        """Go on where the last answer ended."""
        return self

    async def __anext__(self) -> asyncssh.SFTPName:
        """Return the next name."""
        if self._names is None:
            async with self._turn:
                self._names = iter(await asyncio.to_thread(self._read))
        for name in self._names:
            return name
        raise StopAsyncIteration


def read(local: bytes, complete: Callable[[asyncssh.SFTPName], object]) -> list[asyncssh.SFTPName]:
    """Return what a folder holds; `complete` adds the line that `ls -l` shows. Raises OSError."""
    itself = asyncssh.SFTPAttrs.from_local(os.lstat(local))
    names = [asyncssh.SFTPName(name, attrs=itself) for name in (b".", b"..")]
    with os.scandir(local) as entries:
        for entry in entries:
            try:
                attrs = asyncssh.SFTPAttrs.from_local(entry.stat(follow_symlinks=False))
            except FileNotFoundError:  # taken away meanwhile
                continue
            names.append(asyncssh.SFTPName(entry.name, attrs=attrs))
    for each in names:
        complete(each)
    return names
