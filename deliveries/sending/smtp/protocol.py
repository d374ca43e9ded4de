"""Bytes to and from one SMTP server: lines in, replies out, bounded in size and time (RFC 5321)."""

import asyncio
import re
import socket
from typing import Final

from deliveries.sending.smtp import replies

_MOST_BYTES: Final = 1024 * 1024  # of what is unread: a server could fill our memory
_MOST_LINE: Final = 256 * 1024  # of a line without its end yet; RFC 5321 4.5.3.1.5 allows 512
# The three replies of a pipelined offer that was taken, a line each; anything else is read reply by reply.
_TAKEN: Final = re.compile(rb"2[0-9][0-9] [^\n]*\n2[0-9][0-9] [^\n]*\n354 [^\n]*\n")
# A whole reply of one line.
_SHORT: Final = re.compile(rb"([2-5][0-9][0-9](?: [^\r\n]*)?)\r?\n")


class WireBroken(Exception):
    """The connection is of no more use: closed, silent for too long, or what it says is not SMTP."""


class Wire(asyncio.Protocol):
    """One connection. Only one reader at a time; whatever breaks it is a WireBroken with the reason."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiter: asyncio.Future[bool] | None = None  # True: in vain
        self._writable = asyncio.Event()
        self._writable.set()
        self._held = False  # the server does not take more for now
        self._transport: asyncio.Transport | None = None
        self._until = 0.0  # until when the reader waits
        self._alarm: asyncio.TimerHandle | None = None
        self.broken = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, at first and again after STARTTLS; small writes go out at once."""
        self._transport = transport  # type: ignore[assignment]  # streams of TCP are Transports
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family != socket.AF_UNIX:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def transport(self) -> asyncio.Transport:
        """The transport below; only after connection_made."""
        if self._transport is None:
            raise WireBroken("not connected")
        return self._transport

    def data_received(self, data: bytes) -> None:
        """Keep what came and wake the reader; too much of it breaks the wire."""
        self._buffer += data
        if len(self._buffer) > _MOST_BYTES:
            self._break("a reply of more than 1 MB")
            self.transport.abort()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember why it ended and wake whoever waits."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._break(replies.clean(str(exc)) if exc else "the server closed the connection")

    def pause_writing(self) -> None:
        """Hold writers: the server does not take more for now."""
        self._held = True
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let writers go on."""
        self._held = False
        self._writable.set()

    def _break(self, why: str) -> None:
        self.broken = self.broken or why
        self._writable.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(False)

    def replaced(self, transport: asyncio.BaseTransport) -> None:
        """Go on over TLS; what was said before it does not count (RFC 3207 4.2)."""
        self._buffer.clear()
        self.connection_made(transport)

    @property
    def quiet(self) -> bool:
        """Return whether the connection is open and the server has said nothing unasked."""
        return not self.broken and not self._buffer

    def write(self, data: bytes) -> bool:
        """Hand data to the transport; return whether it takes more at once."""
        if self.broken:
            raise WireBroken(self.broken)
        self.transport.write(data)
        return not self._held

    async def send(self, data: bytes, patience: float) -> None:
        """Write, waiting at most `patience` seconds until the server takes it."""
        if not self.write(data):
            await self.drained(patience)

    async def drained(self, patience: float) -> None:
        """Wait at most `patience` seconds until the server takes what was written."""
        try:
            async with asyncio.timeout(patience):
                await self._writable.wait()
        except TimeoutError as error:
            raise WireBroken(f"the server took nothing for {patience:.0f} s") from error
        if self.broken:
            raise WireBroken(self.broken)

    def taken(self) -> bool:
        """Return whether MAIL, RCPT and DATA were just answered with 2xx, 2xx and 354, and pass over these."""
        found = _TAKEN.match(self._buffer)
        if found is None:
            return False
        end = found.end()
        del found  # it holds the buffer, which could not shrink
        del self._buffer[:end]
        return True

    async def reply(self, patience: float) -> replies.Reply:
        """Return the next whole reply, waiting at most `patience` seconds for it."""
        until = asyncio.get_running_loop().time() + patience
        if not self._buffer:
            await self._more(until, patience)
        found = _SHORT.match(self._buffer)
        if found is None:
            return replies.read(await self._lines(until, patience))
        line, end = found[1], found.end()
        del found  # as in taken
        del self._buffer[:end]
        return replies.read([line])

    async def lines(self, patience: float) -> list[bytes]:
        """Return the lines of the next whole reply, without their ends."""
        return await self._lines(asyncio.get_running_loop().time() + patience, patience)

    async def _lines(self, until: float, patience: float) -> list[bytes]:
        lines: list[bytes] = []
        while True:
            line = self._line()
            if line is None:
                await self._more(until, patience)
                continue
            last = replies.last_line(line)
            if last is None:
                raise WireBroken(f"no SMTP reply: {replies.clean(line[:80].decode('latin-1'))}")
            lines.append(line)
            if last:
                return lines

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            return None
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    async def _more(self, until: float, patience: float) -> None:
        if len(self._buffer) > _MOST_LINE:
            raise WireBroken("a reply line of more than 256 kB")
        if self.broken:
            raise WireBroken(self.broken)
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        self._until = until
        if self._alarm is None or self._alarm.when() > until:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = loop.call_at(until, self._ring)
        if await self._waiter:
            raise WireBroken(f"no reply for {patience:.0f} s")

    def _ring(self) -> None:
        """Wake a reader whose time is up. One alarm serves many replies: to set one for each costs more than it."""
        self._alarm = None
        if self._waiter is None or self._waiter.done() or self.broken:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._until:
            self._alarm = loop.call_at(self._until, self._ring)
        else:
            self._waiter.set_result(True)

    def drop(self) -> None:
        """Close at once, without another byte."""
        self.broken = self.broken or "closed by us"
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._transport is not None:
            self._transport.abort()
