"""An SFTP server that misbehaves as its knobs say, in a thread of the test's process."""

import asyncio
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
from asyncssh import SFTPAttrs, SFTPName

from tests.waiting import PATIENCE, wait_for_end

PASSWORD = "right"


@dataclass
class Knobs:
    """What goes wrong; a number counts the reads of a CSV after which it does, -1 never.

    So many connections are shed before a word is said, so many are closed without an answer to their log-in.
    """

    cut: int = -1
    hang: int = -1
    truncate: int = -1
    grow: int = -1
    rewrite: int = -1
    times: int = 1_000
    stat_size: int | None = None
    endless: bool = False
    names: tuple[bytes, ...] = ()
    refused: frozenset[str] = frozenset()
    sheds: int = 0
    drops_log_ins: int = 0


@dataclass
class Seen:
    """What the server saw of its client."""

    passwords: list[str] = field(default_factory=list)
    reads: int = 0
    sent: int = 0
    opened: list[bytes] = field(default_factory=list)
    connections: int = 0


class BadSftp(asyncssh.SFTPServer):
    def __init__(self, channel, server):
        self._channel, self._server = channel, server
        super().__init__(channel, chroot=str(server.drop))

    @property
    def _knobs(self):
        return self._server.knobs

    def _refuse(self, what):
        if what in self._knobs.refused:
            raise asyncssh.SFTPPermissionDenied("no")

    async def scandir(self, path):
        async for name in super().scandir(path):
            yield name
        for name in self._knobs.names:
            yield SFTPName(name, attrs=SFTPAttrs(permissions=0o100644, size=0, atime=1, mtime=1, uid=0, gid=0))

    def _lie(self, attributes, name):
        if self._knobs.stat_size is not None and name.endswith(b".csv"):
            return SFTPAttrs(
                permissions=0o100644, size=self._knobs.stat_size, atime=1, mtime=1_700_000_000, uid=0, gid=0
            )
        return SFTPAttrs.from_local(attributes)

    def lstat(self, path):
        return self._lie(super().lstat(path), path)

    def fstat(self, file_obj):
        return self._lie(super().fstat(file_obj), file_obj.name)

    def open(self, path, pflags, attrs):
        if pflags & asyncssh.FXF_WRITE:
            self._refuse("write")
        else:
            self._server.seen.opened.append(path)
        return super().open(path, pflags, attrs)

    def remove(self, path):
        self._refuse("remove ok" if path.lower().endswith(b".ok") else "remove")
        if path.rpartition(b"/")[2] in self._knobs.names:
            self._knobs.names = tuple(name for name in self._knobs.names if not path.endswith(b"/" + name))
            return None
        return super().remove(path)

    def rename(self, oldpath, newpath):
        self._refuse("rename")
        return super().rename(oldpath, newpath)

    def posix_rename(self, oldpath, newpath):
        self._refuse("rename")
        self._refuse("archive" if b"archive" in newpath else "rename")
        return super().posix_rename(oldpath, newpath)

    def mkdir(self, path, attrs):
        self._refuse("mkdir")
        return super().mkdir(path, attrs)

    async def read(self, file_obj, offset, size):
        if not file_obj.name.endswith(b".csv"):
            return super().read(file_obj, offset, size)
        knobs, seen = self._knobs, self._server.seen
        seen.reads += 1
        if knobs.endless:
            seen.sent += min(size, 32_768)
            return b"x" * min(size, 32_768)
        data = super().read(file_obj, offset, min(size, 32_768))
        try:
            await self._misbehave(Path(os.fsdecode(file_obj.name)), knobs, seen.reads)
        except asyncio.CancelledError:
            file_obj.close()
            raise
        seen.sent += len(data)
        return data

    async def _misbehave(self, path, knobs, reads):
        if knobs.times <= 0:
            return
        if reads == knobs.cut:
            knobs.times -= 1
            self._channel.get_connection().abort()
        if reads == knobs.hang:
            knobs.times -= 1
            await asyncio.sleep(3600)
        if knobs.truncate != -1 and reads % knobs.truncate == 0:
            knobs.times -= 1
            os.truncate(path, path.stat().st_size // 2)
        if knobs.grow != -1 and reads % knobs.grow == 0:
            knobs.times -= 1
            with path.open("ab") as file:
                file.write(b"grown@x.example,Grown,9\n")
        if knobs.rewrite != -1 and reads % knobs.rewrite == 0:
            knobs.times -= 1
            os.utime(path, (1, path.stat().st_mtime + 7))


class _Login(asyncssh.SSHServer):
    def __init__(self, server):
        self._server = server

    def connection_made(self, conn):
        self._conn = conn
        self._server.seen.connections += 1
        if self._server.knobs.sheds > 0:
            self._server.knobs.sheds -= 1
            conn.abort()

    def begin_auth(self, _username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, _username, password):
        self._server.seen.passwords.append(password)
        if self._server.knobs.drops_log_ins > 0:
            self._server.knobs.drops_log_ins -= 1
            self._conn.abort()
        return password == PASSWORD


class BadServer:
    def __init__(self, folder: Path):
        self.drop = folder / "space"
        self.drop.mkdir()
        self.knobs, self.seen = Knobs(), Seen()
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    @property
    def host_key(self):
        return self.key.export_public_key().decode()

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(
            asyncssh.listen(
                "127.0.0.1",
                self.port,
                server_factory=lambda: _Login(self),
                server_host_keys=[self.key],
                sftp_factory=lambda channel: BadSftp(channel, self),
            )
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    def stop(self):
        async def end():
            self._server.close()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        wait_for_end(self._thread)
        self._loop.close()

    def put(self, name, data=b""):
        path = self.drop / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path
