"""What one space may hold at the same time, and its sessions' turns: no client works the server alone."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, cast

import asyncssh
from asyncssh.packet import SSHPacket
from asyncssh.sftp import SFTPLimits, SFTPServerHandler
from asyncssh.stream import SSHServerStreamSession

CONNECTIONS: Final = 20  # of one space: clients open a few, and none keeps the others out
SESSIONS: Final = 20
CHANNELS_OF_A_CONNECTION: Final = 10
MOST_READ: Final = 256 * 1024  # in one answer, as OpenSSH: a file with a hole is as long as a client says
_VERSION: Final = 3  # SpaceFiles guards the requests of this one
_MOST_PACKET: Final = 256 * 1024
# One request for hours of work, and what reads past our own guards.
_NOT_SERVED: Final = frozenset({b"copy-data", b"ranges@asyncssh.com"})

FilesOf = Callable[["asyncssh.SSHServerChannel[bytes]"], asyncssh.SFTPServer]


class PerSpaceLimit:
    """At most so many of something for each space."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def take(self, username: str) -> bool:
        """Take one more, if there may be one."""
        if self._taken[username] >= self._most:
            return False
        self._taken[username] += 1
        return True

    def release(self, username: str) -> None:
        """Give one back."""
        self._taken[username] -= 1
        if self._taken[username] <= 0:
            del self._taken[username]


class Requests(SFTPServerHandler):
    """The requests of one session, each a turn of the server's.

    asyncssh answers all that have arrived without looking up, and keeps answers that nobody takes: 2 MB of
    questions would hold the server for seconds, and a client that reads nothing would fill its memory.
    """

    # asyncssh has no other place to say what is served.
    _extensions = [each for each in SFTPServerHandler._extensions if each[0] not in _NOT_SERVED]  # noqa: SLF001
    _packet_handlers = {
        kind: handler
        for kind, handler in SFTPServerHandler._packet_handlers.items()  # noqa: SLF001
        if kind not in _NOT_SERVED
    }

    async def _process_packet(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        await asyncio.sleep(0)
        if self._writer is not None:
            await self._writer.drain()
        await super()._process_packet(pkttype, pktid, packet)

    async def _process_limits(self, packet: SSHPacket) -> SFTPLimits:
        packet.check_end()
        return SFTPLimits(_MOST_PACKET, MOST_READ, MOST_READ, 0)


class SftpSession(SSHServerStreamSession[bytes]):
    """A channel of a client: the subsystem `sftp` and nothing else."""

    def __init__(self, files_of: FilesOf) -> None:
        super().__init__(None, cast("Any", files_of))

    def session_started(self) -> None:
        """Serve the files of the space."""
        assert self._chan is not None  # noqa: S101  asyncssh sets both before
        assert self._conn is not None  # noqa: S101
        reader = asyncssh.SSHReader[bytes](self, self._chan)
        writer = asyncssh.SSHWriter[bytes](self, self._chan)
        files = cast("asyncssh.SFTPServer", self._init_sftp_server())
        self._conn.create_task(Requests(files, reader, writer, _VERSION).run(), reader.logger)
