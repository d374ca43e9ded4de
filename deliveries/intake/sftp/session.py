"""One session with a space's SFTP server: pinned, timed, and with its errors in our words (reference 1)."""

import contextlib
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from deliveries.intake.sftp import pipelined_read
from deliveries.intake.sftp.errors import RequestRefused, translated
from deliveries.intake.sftp.target import Target
from recipients.faults import Fault

MOST_NAMES: Final = 200_000  # of one listing, which is kept in memory


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the space's directory. `name` is None where its bytes are not UTF-8; `mtime` in seconds."""

    raw: bytes
    size: int
    mtime: int
    regular: bool

    @property
    def name(self) -> str | None:
        """The name as text."""
        with contextlib.suppress(UnicodeDecodeError):
            return self.raw.decode()
        return None


def _entry(raw: bytes, attributes: paramiko.SFTPAttributes) -> Entry:
    mode = attributes.st_mode or 0
    return Entry(raw, attributes.st_size or 0, int(attributes.st_mtime or 0), stat.S_ISREG(mode))


class Session:
    """An open SFTP session; every method raises ConnectionFailed (the line) or RequestRefused (the answer)."""

    def __init__(self, target: Target, transport: paramiko.Transport, client: paramiko.SFTPClient) -> None:
        self.target = target
        self._transport = transport
        self._client = client

    def _path(self, name: str | bytes) -> bytes:
        raw = name.encode() if isinstance(name, str) else name
        return self.target.directory.rstrip("/").encode() + b"/" + raw

    def _doing(self, what: str, name: str, **further: str) -> contextlib.AbstractContextManager[None]:
        return translated(
            Fault.of(f"doing.{what}", name=name, **further), self.target.place, alive=self._transport.is_active
        )

    @property
    def alive(self) -> bool:
        """Whether the line is still open, as far as we know."""
        return self._transport.is_active()

    def entries(self) -> tuple[list[Entry], bool]:
        """List the directory once: its entries, and whether there were more than MOST_NAMES of them."""
        found: list[Entry] = []
        try:
            with self._doing("listing", self.target.directory):
                for raw, attributes in self._names():
                    found.append(_entry(raw, attributes))
                    if len(found) >= MOST_NAMES:
                        return found, True
        except RequestRefused as refusal:
            raise RequestRefused("request.directory", fault=refusal.fault) from refusal
        return found, False

    def _names(self) -> Iterator[tuple[bytes, paramiko.SFTPAttributes]]:
        """Read the directory by hand: paramiko's own list fails whole on one name that is not UTF-8."""
        client: Any = self._client
        kind, answer = client._request(CMD_OPENDIR, self.target.directory.encode() or b"/")  # noqa: SLF001
        if kind != CMD_HANDLE:
            raise paramiko.SFTPError("Expected handle")
        handle = answer.get_binary()
        try:
            while True:
                kind, answer = client._request(CMD_READDIR, handle)  # noqa: SLF001
                if kind != CMD_NAME:
                    raise paramiko.SFTPError("Expected names")
                for _ in range(answer.get_int()):
                    raw, _long = answer.get_string(), answer.get_string()
                    attributes = paramiko.SFTPAttributes._from_msg(answer)  # type: ignore[attr-defined]  # noqa: SLF001
                    if raw not in {b".", b".."}:
                        yield raw, attributes
        # How paramiko says that the server has no more names.
        except EOFError:
            pass
        client._request(CMD_CLOSE, handle)  # noqa: SLF001

    def lstat(self, name: str) -> Entry:
        """Return what lies under the name itself, links not followed."""
        with self._doing("looking", name):
            return _entry(name.encode(), self._client.lstat(self._path(name)))

    @contextlib.contextmanager
    def reading(self, name: str) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """Open a file: what it is now that it is open, and its bytes to the end."""
        with self._doing("opening", name):
            file = self._client.open(self._path(name), "rb", 0)
        try:
            with self._doing("reading", name):
                entry = _entry(name.encode(), file.stat())
            # The stubs take the bytes of the wire for the handle object of paramiko's own server.
            yield entry, self._bytes(name, file.handle, entry.size)  # type: ignore[arg-type]
        finally:
            # The bytes are read, or an error is on its way already.
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                file.close()

    def _bytes(self, name: str, handle: bytes, size: int) -> Iterator[bytes]:
        with self._doing("reading", name):
            yield from pipelined_read.stream(self._client, handle, size)

    def write(self, name: str, data: bytes) -> None:
        """Write a whole new file under this name: what lay there goes, and no link in its place is followed."""
        try:
            file = self._created(name)
        except RequestRefused:
            # The second try says what is in the way.
            with contextlib.suppress(RequestRefused):
                self.remove(name)
            file = self._created(name)
        with self._doing("writing", name), file:
            file.write(data)

    def _created(self, name: str) -> paramiko.SFTPFile:
        with self._doing("writing", name):
            return self._client.open(self._path(name), "wxb")

    def remove(self, name: str | bytes) -> bool:
        """Remove a file; False when it was not there."""
        shown = name if isinstance(name, str) else repr(name)
        try:
            with self._doing("deleting", shown):
                self._client.remove(self._path(name))
        except RequestRefused as refusal:
            if refusal.code == "SFTP_MISSING":
                return False
            raise
        return True

    def replace(self, name: str, new_name: str) -> None:
        """Rename over what is there; servers without posix-rename get a delete first."""
        with self._doing("renaming", name, new=new_name):
            try:
                self._client.posix_rename(self._path(name), self._path(new_name))
            except OSError as error:
                # A dead line is not a server without posix-rename.
                if isinstance(error, TimeoutError) or not self.alive:
                    raise
                self._rename_slowly(name, new_name)

    def _rename_slowly(self, name: str, new_name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._client.remove(self._path(new_name))
        self._client.rename(self._path(name), self._path(new_name))

    def make_folder(self, name: str) -> None:
        """Make a folder unless something of that name is there."""
        try:
            with self._doing("looking", name):
                self._client.stat(self._path(name))
        except RequestRefused:
            with self._doing("making", name):
                self._client.mkdir(self._path(name))

    def close(self) -> None:
        """Hang up."""
        hang_up(self._transport)


def hang_up(transport: paramiko.Transport) -> None:
    """Close a transport at once, also one whose thread sits in a read."""
    with contextlib.suppress(OSError):
        transport.sock.shutdown(socket.SHUT_RDWR)  # close alone waits for the thread that reads
    transport.close()
