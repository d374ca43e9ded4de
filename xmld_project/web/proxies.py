"""Who asks, and how: a proxy that the operator trusts speaks for others, everybody else for themselves."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SITE: Final = 64  # one customer has a whole /64 of IPv6

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Visitor:
    """The network address that asks, and whether it came by `http` or `https`."""

    address: str
    scheme: str

    @property
    def site(self) -> str:
        """The address as one of many that one asker may have: an IPv6 site has them all (RFC 6177)."""
        if ":" not in self.address:
            return self.address
        try:
            return str(ipaddress.ip_network((self.address, _SITE), strict=False))
        except ValueError:
            return self.address


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies whose X-Forwarded-For and X-Forwarded-Proto count (XMLD_TRUSTED_PROXIES)."""

    trusted: tuple[Network, ...]

    def visitor(self, peer: str, forwarded_for: str, forwarded_proto: str) -> Visitor:
        """Return the last address that no trusted proxy has; all before it is hearsay."""
        if not self._trusts(peer):
            return Visitor(peer, "http")
        scheme = "https" if forwarded_proto.strip().lower() == "https" else "http"
        return Visitor(self._last_stranger(forwarded_for.split(",")) or peer, scheme)

    def _last_stranger(self, addresses: Iterable[str]) -> str | None:
        for written in reversed(list(addresses)):
            address = written.strip()
            if not self._trusts(address):
                return address if _is_address(address) else None
        return None

    def _trusts(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
        return any((mapped or found) in network for network in self.trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
