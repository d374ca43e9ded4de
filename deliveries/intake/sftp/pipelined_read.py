"""A file read with many requests in flight, in order, on the caller's thread.

paramiko's own prefetch runs a thread that polls with a sleep and dies with a traceback when the line drops;
what decides the speed is the size of a request and how many are under way.
"""

from collections.abc import Iterator
from typing import Any, Final

import paramiko
from paramiko.sftp import CMD_DATA, CMD_READ, CMD_STATUS, int64

REQUEST: Final = 255 * 1024  # the most that OpenSSH answers at once; a server that gives less is asked for less
IN_FLIGHT: Final = 32  # 8 MB under way, which keeps a line with a long way busy


class _Window:
    """The replies still out: offset -> how much was asked, and offset -> what came."""

    def __init__(self, client: paramiko.SFTPClient, handle: bytes) -> None:
        self._client: Any = client
        self._handle = handle
        self._asked: dict[int, tuple[int, int]] = {}
        self.came: dict[int, bytes] = {}
        self.chunk = REQUEST
        self.ended = False

    @property
    def in_flight(self) -> int:
        return len(self._asked)

    def ask(self, offset: int, length: int) -> None:
        number = self._client._async_request(self, CMD_READ, self._handle, int64(offset), int(length))  # noqa: SLF001  see above
        self._asked[number] = (offset, length)

    def receive(self) -> None:
        self._client._read_response()  # noqa: SLF001  calls _async_response below

    def _async_response(self, kind: int, message: paramiko.Message, number: int) -> None:
        offset, length = self._asked.pop(number)
        if kind == CMD_STATUS:
            try:
                self._client._convert_status(message)  # noqa: SLF001
            except EOFError:
                self.ended = True
            return
        if kind != CMD_DATA:
            raise paramiko.SFTPError("Expected data")
        data = message.get_string()
        self.came[offset] = data
        if 0 < len(data) < length:  # a server with short replies: ask for the rest, and less from now on
            self.chunk = max(len(data), 4096)
            self.ask(offset + len(data), length - len(data))


def stream(client: paramiko.SFTPClient, handle: bytes, size: int) -> Iterator[bytes]:
    """Yield the file's bytes in order: `size` of them with requests in flight, then on to its true end."""
    window = _Window(client, handle)
    wanted = position = 0
    while position < size:
        while wanted < size and window.in_flight < IN_FLIGHT and not window.ended:
            length = min(window.chunk, size - wanted)
            window.ask(wanted, length)
            wanted += length
        while position not in window.came:
            if not window.in_flight:
                return
            window.receive()
        data = window.came.pop(position)
        if not data:
            return
        position += len(data)
        yield data
    yield from _tail(window, position)


def _tail(window: _Window, position: int) -> Iterator[bytes]:
    """Yield what lies behind the size that the server named: a file that grew, or a server that lies."""
    while not window.ended:
        window.ask(position, REQUEST)
        while window.in_flight and position not in window.came:
            window.receive()
        data = window.came.pop(position, b"")
        if not data:
            return
        position += len(data)
        yield data
