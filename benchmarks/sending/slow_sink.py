"""An SMTP server that takes its time: python -m benchmarks.sending.slow_sink PORT MILLISECONDS EVERY.

It answers the final dot after so many milliseconds, and every EVERYth one with 451 (0: none). smtp-sink can wait
for whole seconds only.
"""

import asyncio
import itertools
import sys
from typing import Final

import uvloop

_END: Final = b"\r\n.\r\n"
_HELLO: Final = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
_ANSWERS: Final = {b"EHLO": _HELLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
_OK: Final = b"250 2.0.0 Ok\r\n"
_LATER: Final = b"451 4.7.1 Later\r\n"


class Server(asyncio.Protocol):
    """One connection: commands, then a message up to its final dot, as often as it likes."""

    def __init__(self, delay: float, every: int, dots: "itertools.count[int]") -> None:
        self._delay, self._every, self._dots = delay, every, dots
        self._buffer = b""
        self._in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # of TCP
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each command, and each message later."""
        self._buffer += data
        while True:
            end = _END if self._in_message else b"\r\n"
            taken, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            if self._in_message:
                self._in_message = False
                late = self._every and next(self._dots) % self._every == 0
                asyncio.get_running_loop().call_later(self._delay, self._answered, _LATER if late else _OK)
                return
            self._in_message = taken == b"DATA"
            self._transport.write(_ANSWERS.get(taken[:4], _OK))

    def _answered(self, answer: bytes) -> None:
        """Answer a message, then what was sent with its dot."""
        self._transport.write(answer)
        self.data_received(b"")


async def _serve(port: int, delay: float, every: int) -> None:
    dots = itertools.count(1)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(delay, every, dots), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2]) / 1000, int(sys.argv[3])))
