"""What a session of the bundled SFTP server may reach: its own folder and nothing that a link in it leads to."""

import os
from pathlib import Path

import asyncssh

NOT_HERE = "links are not served"


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

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Change times and modes; the owner stays the server's user."""
        super().lsetstat(path, _without_owner(attrs))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Change times, modes and length; the owner stays the server's user."""
        super().setstat(path, _without_owner(attrs))


def _without_owner(attrs: asyncssh.SFTPAttrs) -> asyncssh.SFTPAttrs:
    attrs.uid = attrs.gid = attrs.owner = attrs.group = None
    return attrs
