"""Where outgoing mail goes, read from XMLD_SMTP_URL: one reading for deliveries and for our own mails."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from deliveries.errors import ServiceError

# What a log-in without TLS is answered with, whoever asks.
ONLY_OVER_TLS: Final = "a password goes to the relay only over TLS: use smtps or smtp+starttls"
_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where mail goes: `tls` is "", "implicit" or "starttls" (then it is required)."""

    host: str
    port: int
    tls: str
    user: str
    password: str = field(repr=False)

    @property
    def may_be_told(self) -> bool:
        """Whether a password may be sent there: over TLS, or on this machine."""
        return bool(self.tls) or self.host in _LOOPBACK


def read_address(url: str) -> RelayAddress:
    """Return the parts of smtp://, smtps:// or smtp+starttls://; raises ServiceError(SMTP_URL)."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise ServiceError(
            "SMTP_URL", "XMLD_SMTP_URL must be smtp://, smtps:// or smtp+starttls://host:port"
        ) from error
    tls = {"smtps": "implicit", "smtp+starttls": "starttls"}.get(parts.scheme, "")
    return RelayAddress(
        parts.hostname or "127.0.0.1", port, tls, unquote(parts.username or ""), unquote(parts.password or "")
    )
