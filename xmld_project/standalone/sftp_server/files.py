"""What a session of the bundled SFTP server may reach: its own folder and nothing that a link in it leads to."""

import asyncio
import functools
import os
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncssh

from xmld_project.standalone.sftp_server.listing import Listing, Names
from xmld_project.standalone.sftp_server.sessions import MOST_READ
from xmld_project.standalone.sftp_server.usage import Usage

NOT_HERE: Final = "links are not served"
FULL: Final = "the space is full: take files away, or ask whoever runs this server"
MOST_HANDLES: Final = 256
MOST_LISTINGS: Final = 16
_LONGEST_PATH: Final = 4_096  # PATH_MAX; each folder of a longer one would still be looked at
_LONGEST_FILE: Final = 2**63 - 1  # what the system calls take
# What a client may ask of a mode: nothing that makes a program run as somebody else, and no writing by others.
_MODES: Final = 0o755


@dataclass(frozen=True, slots=True)
class Space:
    """What the sessions of one space share: its folder, what it uses, the turn to list; `left` ends a session."""

    folder: Path
    usage: Usage
    turn: asyncio.Lock
    left: Callable[[], None]


class SpaceFiles(asyncssh.SFTPServer):
    """The files of one space. Paths are rewritten below its folder, then what they lead to is checked."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], space: Space) -> None:
        super().__init__(channel, chroot=os.fsencode(space.folder))
        self._real = os.path.realpath(os.fsencode(space.folder))
        self._space = space
        self._files = 0
        self._listings: weakref.WeakSet[Listing] = weakref.WeakSet()

    def map_path(self, path: bytes) -> bytes:
        """Return the local path; a link made by another process must not lead out of the space."""
        if len(path) > _LONGEST_PATH or b"\0" in path:
            raise asyncssh.SFTPInvalidFilename("no file can have this name")
        local = super().map_path(path)
        real = os.path.realpath(local)
        if real != self._real and not real.startswith(self._real + b"/"):
            raise asyncssh.SFTPPermissionDenied(NOT_HERE)
        return local

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002  asyncssh's signature
        """Refuse: no link is ever made here."""
        raise asyncssh.SFTPPermissionDenied(NOT_HERE)

    def link(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002  asyncssh's signature
        """Refuse, as above."""
        raise asyncssh.SFTPPermissionDenied(NOT_HERE)

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open or make a file, with a mode that does no harm."""
        self._check_handles()
        self._files += 1
        try:
            if pflags & asyncssh.FXF_CREAT:
                await self._take(0, files=1)
            return super().open(path, pflags, _harmless(attrs))
        except BaseException:
            self._files -= 1
            raise

    def read(self, file_obj: object, offset: int, size: int) -> bytes | Awaitable[bytes]:
        """Read a piece, as long as one answer may be: a client asks for the rest."""
        _check_place(offset)
        return super().read(file_obj, offset, min(size, MOST_READ))

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write while the space has room."""
        _check_place(offset + len(data))
        await self._take(len(data))
        written = super().write(file_obj, offset, data)
        assert isinstance(written, int)  # noqa: S101  asyncssh's own writes at once
        return written

    def close(self, file_obj: object) -> None:
        """Close a file."""
        self._files -= 1
        super().close(file_obj)

    async def fsync(self, file_obj: object) -> None:
        """Let the disk keep a file, while the others go on."""
        await asyncio.to_thread(super().fsync, file_obj)

    def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List a folder."""
        self._check_handles()
        if len(self._listings) >= MOST_LISTINGS:
            raise asyncssh.SFTPFailure(f"at most {MOST_LISTINGS} folders are listed in a session at a time")
        found = Listing(self._space.turn, functools.partial(self._names, path))
        self._listings.add(found)
        return found

    def exit(self) -> None:
        """Give the session back."""
        self._space.left()

    async def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Make a folder, as above."""
        await self._take(0, files=1)
        super().mkdir(path, _harmless(attrs))

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Change times and modes; the owner stays the server's user."""
        super().lsetstat(path, _harmless(attrs))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Change times, modes and length; the owner stays the server's user."""
        super().setstat(path, _harmless(attrs))

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Change those of an open file, as above."""
        super().fsetstat(file_obj, _harmless(attrs))

    async def _take(self, size: int, files: int = 0) -> None:
        if not await self._space.usage.take(size, files):
            raise asyncssh.SFTPFailure(FULL)

    def _check_handles(self) -> None:
        if self._files + len(self._listings) >= MOST_HANDLES:
            raise asyncssh.SFTPFailure(f"at most {MOST_HANDLES} files and folders are open in a session")

    def _names(self, path: bytes) -> Names:
        return Names(self.map_path(path), self.format_longname)


def _check_place(offset: int) -> None:
    if offset > _LONGEST_FILE:
        raise asyncssh.SFTPInvalidParameter("no file is so long")


def _harmless(attrs: Any) -> Any:
    _check_place(attrs.size or 0)
    attrs.uid = attrs.gid = attrs.owner = attrs.group = None
    if attrs.permissions is not None:
        attrs.permissions &= _MODES
    return attrs
