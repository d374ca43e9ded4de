"""How a session begins: connect, greet, go over TLS where asked, log in."""

import asyncio
import base64
import re
import socket
import ssl
from typing import Final

from deliveries.relay.address import ONLY_OVER_TLS, RelayAddress
from deliveries.sending.smtp.protocol import Wire, WireBroken
from deliveries.sending.smtp.replies import read
from deliveries.sending.smtp.session import REPLY_PATIENCE, RelayTrouble, Session

CONNECT_PATIENCE: Final = 30.0
_CHALLENGE: Final = 334  # of AUTH: go on (RFC 4954 4)
_NOT_RECOGNISED: Final = frozenset({500, 502})
_CODE_LENGTH: Final = 4  # three digits and the sign behind them


def _own_name() -> str:
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9.-]+\.[A-Za-z0-9-]+", name) else "[127.0.0.1]"


async def open_session(address: RelayAddress) -> Session:
    """Connect, greet, go over TLS where asked, log in; raises RelayTrouble."""
    context = ssl.create_default_context() if address.tls else None
    loop = asyncio.get_running_loop()
    wire = Wire()
    try:
        async with asyncio.timeout(CONNECT_PATIENCE):
            implicit = context if address.tls == "implicit" else None
            await loop.create_connection(lambda: wire, address.host, address.port, ssl=implicit)
        return await _introduce(wire, address, context)
    except ssl.SSLError as error:
        wire.drop()
        raise RelayTrouble("TLS_REQUIRED", f"TLS with {address.host} failed: {error}") from error
    except (OSError, TimeoutError) as error:
        wire.drop()
        raise RelayTrouble("SMTP_UNREACHABLE", str(error) or "no connection in time") from error
    except WireBroken as error:
        wire.drop()
        raise RelayTrouble("SMTP_BROKEN", str(error)) from error
    except (RelayTrouble, asyncio.CancelledError):
        wire.drop()
        raise


async def _introduce(wire: Wire, address: RelayAddress, context: ssl.SSLContext | None) -> Session:
    banner = await wire.reply(REPLY_PATIENCE)
    if not banner.good:
        raise RelayTrouble("SMTP_REFUSED", f"the banner was {banner.code} {banner.text}")
    session = await _ehlo(wire)
    if context is not None and address.tls == "starttls":
        session = await _over_tls(session, address, context)
    if address.user:
        await _log_in(session, address)
    if not wire.quiet:
        raise RelayTrouble("SMTP_BROKEN", "the relay spoke, or hung up, before it was asked for anything")
    return session


async def _ehlo(wire: Wire) -> Session:
    await wire.send(f"EHLO {_own_name()}\r\n".encode(), REPLY_PATIENCE)
    lines = await wire.lines(REPLY_PATIENCE)
    reply = read(lines)
    if reply.code in _NOT_RECOGNISED:
        return await _helo(wire)
    if not reply.good:
        raise RelayTrouble("SMTP_REFUSED", f"EHLO was answered {reply.code} {reply.text}")
    words = [line[4:].decode("latin-1").upper().split() for line in lines[1:] if len(line) > _CODE_LENGTH]
    sizes = [int(word[1]) for word in words if word[0] == "SIZE" and len(word) > 1 and word[1].isdecimal()]
    mechanisms = {f"AUTH {name}" for word in words if word[0] == "AUTH" for name in word[1:]}
    return Session(wire, frozenset({word[0] for word in words} | mechanisms), sizes[0] if sizes else 0)


async def _helo(wire: Wire) -> Session:
    """Greet a server that does not know EHLO (RFC 5321 3.2): it offers nothing, and has no limit that it tells."""
    await wire.send(f"HELO {_own_name()}\r\n".encode(), REPLY_PATIENCE)
    reply = await wire.reply(REPLY_PATIENCE)
    if not reply.good:
        raise RelayTrouble("SMTP_REFUSED", f"HELO was answered {reply.code} {reply.text}")
    return Session(wire)


async def _over_tls(session: Session, address: RelayAddress, context: ssl.SSLContext) -> Session:
    if "STARTTLS" not in session.offers:
        raise RelayTrouble("TLS_REQUIRED", "the relay does not offer STARTTLS, and nothing is sent in clear")
    reply = await session.ask("STARTTLS")
    if not reply.good:
        raise RelayTrouble("TLS_REQUIRED", f"STARTTLS was answered {reply.code} {reply.text}")
    if not session.wire.quiet:
        raise RelayTrouble("TLS_REQUIRED", "the relay spoke in clear after STARTTLS")
    loop = asyncio.get_running_loop()
    wire = session.wire
    transport = await loop.start_tls(wire.transport, wire, context, server_hostname=address.host)
    if transport is None:
        raise RelayTrouble("TLS_REQUIRED", "TLS did not come about")
    wire.replaced(transport)
    return await _ehlo(wire)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


async def _log_in(session: Session, address: RelayAddress) -> None:
    if not address.may_be_told:
        raise RelayTrouble("TLS_REQUIRED", ONLY_OVER_TLS)
    if "AUTH PLAIN" in session.offers:
        reply = await session.ask(f"AUTH PLAIN {_encoded(f'{chr(0)}{address.user}{chr(0)}{address.password}')}")
    elif "AUTH LOGIN" in session.offers:
        reply = await session.ask("AUTH LOGIN")
        for secret in (address.user, address.password):
            if reply.code == _CHALLENGE:
                reply = await session.ask(_encoded(secret))
    else:
        raise RelayTrouble("SMTP_AUTH", "the relay offers neither AUTH PLAIN nor AUTH LOGIN")
    if not reply.good:
        raise RelayTrouble("SMTP_AUTH", f"the relay refused our credentials: {reply.code} {reply.text}")
