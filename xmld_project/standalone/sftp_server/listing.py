"""A folder as it is listed: read in a thread, piece by piece as it is asked for, one piece of a space at a time."""

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import asyncssh

_PIECE: Final = 128  # names, as many as asyncssh puts into an answer


class Names:
    """The names of a folder. Never all of them in memory: a folder may have 100,000, and be open many times."""

    def __init__(self, local: bytes, complete: Callable[[asyncssh.SFTPName], object]) -> None:
        itself = asyncssh.SFTPAttrs.from_local(os.lstat(local))
        self._first = [asyncssh.SFTPName(name, attrs=itself) for name in (b".", b"..")]
        self._complete = complete
        self._entries: Any = os.scandir(local)

    def piece(self) -> list[asyncssh.SFTPName]:
        """Return the next names with what `ls -l` shows of them, none at the end. Raises OSError."""
        names, self._first = self._first, []
        while entries := list(itertools.islice(self._entries, _PIECE)):
            for entry in entries:
                try:
                    attrs = asyncssh.SFTPAttrs.from_local(entry.stat(follow_symlinks=False))
                except FileNotFoundError:  # taken away meanwhile
                    continue
                names.append(asyncssh.SFTPName(entry.name, attrs=attrs))
            if names:
                break
        for each in names:
            self._complete(each)
        return names

    def __del__(self) -> None:
        """Give the folder back: asyncssh drops a listing that is closed without a word."""
        if hasattr(self, "_entries"):
            self._entries.close()


class Listing:
    """A folder that a client has opened; nothing of it is read before the first name is asked for."""

    def __init__(self, turn: asyncio.Lock, begin: Callable[[], Names]) -> None:
        self._turn = turn
        self._begin = begin
        self._names: Names | None = None
        self._read: Iterator[asyncssh.SFTPName] = iter(())

    def __aiter__(self) -> "Listing":
        """Go on where the last answer ended."""
        return self

    async def __anext__(self) -> asyncssh.SFTPName:
        """Return the next name."""
        for name in self._read:
            return name
        async with self._turn:
            self._read = iter(await asyncio.to_thread(self._piece))
        for name in self._read:
            return name
        raise StopAsyncIteration

    def _piece(self) -> list[asyncssh.SFTPName]:
        if self._names is None:
            self._names = self._begin()
        return self._names.piece()
