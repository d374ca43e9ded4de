"""One SMTP session of the mail catcher (RFC 5321), small and strict enough to be believed."""

import asyncio
import re
from collections.abc import Callable
from typing import Final

MAX_BYTES: Final = 64 * 1024**2  # a message of ours has 10 MB and its attachments 10, a third more in base64
MAX_RECIPIENTS: Final = 1_000
_LONGEST_LINE: Final = 4_096
_PATH: Final = re.compile(rb"(?i)(FROM|TO):\s*<([^>]*)>(.*)")
_END: Final = b"\r\n.\r\n"

Keep = Callable[[str, list[str], bytes], None]


class Session(asyncio.Protocol):
    """Takes every mail that is well formed. `keep(return_path, recipients, content)` stores it, raising OSError."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._buffer = bytearray()
        self._searched = 0
        self._in_data = False
        self._return_path: str | None = None
        self._recipients: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  asyncio's own contract
        self._transport = transport
        self._say(b"220 catcher.localhost ESMTP keeps every mail and sends none")

    def data_received(self, data: bytes) -> None:
        """Work what came, commands and content in whatever pieces and groups (PIPELINING)."""
        self._buffer += data
        while not self._transport.is_closing():
            if not (self._take_content() if self._in_data else self._take_command()):
                return

    def _say(self, line: bytes) -> None:
        self._transport.write(line + b"\r\n")

    def _take_command(self) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > _LONGEST_LINE:
                self._say(b"500 5.5.2 line too long")
                self._transport.close()
            return False
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        verb, _, rest = line.partition(b" ")
        answer = getattr(self, f"_do_{verb.decode('ascii', 'replace').lower()}", None)
        if answer is None:
            self._say(b"500 5.5.1 unknown command")
        else:
            answer(rest)
        return True

    def _do_ehlo(self, _rest: bytes) -> None:
        self._forget()
        for word in (b"catcher.localhost", b"PIPELINING", b"8BITMIME", b"SMTPUTF8", b"ENHANCEDSTATUSCODES"):
            self._say(b"250-" + word)
        self._say(b"250 SIZE %d" % MAX_BYTES)

    def _do_helo(self, _rest: bytes) -> None:
        self._forget()
        self._say(b"250 catcher.localhost")

    def _do_mail(self, rest: bytes) -> None:
        path = _PATH.fullmatch(rest.strip())
        size = re.search(rb"(?i)\bSIZE=(\d+)", path[3]) if path else None
        if path is None or path[1].upper() != b"FROM":
            self._say(b"501 5.5.4 MAIL FROM:<address>")
        elif self._return_path is not None:
            self._say(b"503 5.5.1 one MAIL at a time")
        elif size and int(size[1]) > MAX_BYTES:
            self._say(b"552 5.3.4 message too big")
        else:
            self._return_path = path[2].decode("utf-8", "surrogateescape")
            self._say(b"250 2.1.0 ok")

    def _do_rcpt(self, rest: bytes) -> None:
        path = _PATH.fullmatch(rest.strip())
        if self._return_path is None:
            self._say(b"503 5.5.1 MAIL first")
        elif path is None or path[1].upper() != b"TO" or not path[2]:
            self._say(b"501 5.5.4 RCPT TO:<address>")
        elif len(self._recipients) >= MAX_RECIPIENTS:
            self._say(b"452 4.5.3 too many recipients")
        else:
            self._recipients.append(path[2].decode("utf-8", "surrogateescape"))
            self._say(b"250 2.1.5 ok")

    def _do_data(self, _rest: bytes) -> None:
        if not self._recipients:
            self._say(b"503 5.5.1 RCPT first")
            return
        self._in_data = True
        self._searched = 0
        self._say(b"354 end with <CRLF>.<CRLF>")

    def _take_content(self) -> bool:
        """Take a whole message from the buffer, or say that more must come."""
        if self._buffer.startswith(_END[2:]):
            content, used = b"", len(_END) - 2
        else:
            end = self._buffer.find(_END, max(0, self._searched - len(_END)))
            self._searched = len(self._buffer)
            if end < 0:
                return self._refuse_if_too_big()
            content, used = bytes(self._buffer[: end + 2]), end + len(_END)
        del self._buffer[:used]
        self._in_data = False
        self._store(content)
        return True

    def _refuse_if_too_big(self) -> bool:
        if len(self._buffer) > MAX_BYTES:
            self._say(b"552 5.3.4 message too big")
            self._transport.close()
        return False

    def _store(self, content: bytes) -> None:
        if content.startswith(b"."):
            content = content[1:]
        try:
            self._keep(self._return_path or "", self._recipients, content.replace(b"\r\n.", b"\r\n"))
        except OSError as error:
            self._say(b"452 4.3.1 " + (error.strerror or "can't be stored").encode("ascii", "replace"))
        else:
            self._say(b"250 2.0.0 kept")
        self._forget()

    def _forget(self) -> None:
        self._return_path = None
        self._recipients = []

    def _do_rset(self, _rest: bytes) -> None:
        self._forget()
        self._say(b"250 2.0.0 ok")

    def _do_noop(self, _rest: bytes) -> None:
        self._say(b"250 2.0.0 ok")

    def _do_vrfy(self, _rest: bytes) -> None:
        self._say(b"252 2.5.0 send some mail and see")

    def _do_quit(self, _rest: bytes) -> None:
        self._say(b"221 2.0.0 bye")
        self._transport.close()
