"""What a session of the bundled SFTP server may reach: its own folder and nothing that a link in it leads to."""

import os
from pathlib import Path
from typing import Final

import asyncssh

NOT_HERE: Final = "links are not served"
# What a client may ask of a mode: nothing that makes a program run as somebody else, and no writing by others.
_MODES: Final = 0o755


class SpaceFiles(asyncssh.SFTPServer):
    """The files of one space. Paths are rewritten below its folder, then what they lead to is judged."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], folder: Path) -> None:
        super().__init__(channel, chroot=os.fsencode(folder))
        self._real = os.path.realpath(os.fsencode(folder))

    def map_path(self, path: bytes) -> bytes:
        """Return the local path; a link made by another process must not lead out of the space."""
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

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open or make a file, with a mode that does no harm."""
        return super().open(path, pflags, _harmless(attrs))

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Make a folder, as above."""
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


def _harmless(attrs: asyncssh.SFTPAttrs) -> asyncssh.SFTPAttrs:
    attrs.uid = attrs.gid = attrs.owner = attrs.group = None
    if attrs.permissions is not None:
        attrs.permissions &= _MODES
    return attrs
