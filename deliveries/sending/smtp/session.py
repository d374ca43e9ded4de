"""One SMTP session, driven phase by phase: who calls knows which side of the final dot it stands on."""

import contextlib
import re
from dataclasses import dataclass
from typing import Final

from deliveries.sending.smtp.protocol import Wire, WireBroken
from deliveries.sending.smtp.replies import CLOSING, Reply

REPLY_PATIENCE: Final = 300.0  # RFC 5321 4.5.3.2
# RFC 5321 4.5.3.2.4.
DATA_PATIENCE: Final = 120.0
# RFC 5321 4.5.3.2.6: to give up earlier doubles mails.
DOT_PATIENCE: Final = 600.0
_BARE: Final = re.compile(rb"\r\n|\r|\n")
_INTERMEDIATE: Final = 354
_PHASES: Final = ("mail", "rcpt", "data")


class RelayTrouble(Exception):
    """The relay itself refuses us or is away: the relay rests, no recipient pays. `code` names the kind."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class Refused(Exception):
    """The server refused this message before the dot, in `phase`: mail, rcpt or data."""

    def __init__(self, phase: str, reply: Reply) -> None:
        super().__init__(reply.text)
        self.phase = phase
        self.reply = reply


def stuffed(body: bytes) -> bytes:
    """Return a message as it goes after DATA: only CRLF line ends, dots doubled, ending in CRLF, no final dot."""
    ends = body.count(b"\r\n")
    if ends != body.count(b"\n") or ends != body.count(b"\r"):
        body = _BARE.sub(b"\r\n", body)
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    body = body.replace(b"\r\n.", b"\r\n..")
    return b"." + body if body.startswith(b".") else body


@dataclass(slots=True)
class Session:
    """A connection that has greeted; `size` is the relay's limit in bytes, 0 for none."""

    wire: Wire
    offers: frozenset[str] = frozenset()
    size: int = 0

    async def ask(self, line: str, patience: float = REPLY_PATIENCE) -> Reply:
        """Send one command and return its reply."""
        await self.wire.send(line.encode() + b"\r\n", patience)
        return await self.wire.reply(patience)

    @property
    def pipelines(self) -> bool:
        """Return whether commands may go out together (RFC 2920)."""
        return "PIPELINING" in self.offers

    def commands(self, return_path: str, to: str, size: int) -> tuple[bytes, bytes, bytes]:
        """Return the lines of MAIL, RCPT and DATA for one message."""
        options = f" SIZE={size}" if "SIZE" in self.offers else ""
        if not to.isascii():
            options += " SMTPUTF8"
        return f"MAIL FROM:<{return_path}>{options}\r\n".encode(), f"RCPT TO:<{to}>\r\n".encode(), b"DATA\r\n"

    async def offer(self, return_path: str, to: str, size: int) -> None:
        """MAIL, RCPT, DATA up to 354; raises Refused, RelayTrouble (421) or WireBroken. Nothing is sent by it."""
        lines = self.commands(return_path, to, size)
        if self.pipelines:
            await self.wire.send(b"".join(lines), REPLY_PATIENCE)
            await self.offered()
            return
        for phase, line in zip(_PHASES, lines, strict=True):
            await self.wire.send(line, REPLY_PATIENCE)
            _check(phase, await self.wire.reply(_patience(phase)))

    async def offered(self) -> None:
        """Read the three replies of a pipelined offer; raises as offer does, the first refusal counts."""
        if self.wire.taken():
            return
        refusal: Refused | None = None
        try:
            for phase in _PHASES:
                reply = await self.wire.reply(_patience(phase))
                if refusal is None:
                    try:
                        _check(phase, reply)
                    except Refused as refused:
                        refusal = refused
                elif reply.code in {CLOSING, _INTERMEDIATE}:
                    # It waits for a message to nobody: hanging up is safer than an empty one with its dot.
                    self.wire.drop()
                    break
        except WireBroken:
            if refusal is None:
                raise
        if refusal is not None:
            raise refusal

    async def forget(self) -> None:
        """RSET after a refusal, so that the connection serves the next message."""
        if not (await self.ask("RSET")).good:
            self.wire.drop()

    async def dot(self, following: bytes = b"") -> Reply:
        """Send the final dot and wait up to 600 s for what it is worth; raises WireBroken: in doubt.

        `following` are the commands of the next message, in the same write (RFC 2920 3.1).
        """
        wire = self.wire
        if not wire.write(b".\r\n" + following):
            await wire.drained(REPLY_PATIENCE)
        return await wire.reply(DOT_PATIENCE)

    async def quit(self) -> None:
        """Part politely; what becomes of it does not matter."""
        with contextlib.suppress(WireBroken):
            await self.ask("QUIT", 2.0)
        self.wire.drop()


def _patience(phase: str) -> float:
    return DATA_PATIENCE if phase == "data" else REPLY_PATIENCE


def _check(phase: str, reply: Reply) -> None:
    if reply.code == CLOSING:
        raise RelayTrouble("SMTP_421", reply.text)
    if reply.code != _INTERMEDIATE if phase == "data" else not reply.good:
        raise Refused(phase, reply)
