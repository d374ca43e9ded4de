"""TXT records, asked of the machine's resolvers or of those that XMLD_DNS_SERVERS names."""

from typing import Final

import dns.exception
import dns.resolver
from django.conf import settings

from recipients.errors import ServiceError

_PATIENCE: Final = 5.0
_MOST: Final = 50


def texts(name: str) -> list[str]:
    """Return the TXT records of a name, none where there are none. Raises ServiceError: DNS_UNANSWERED."""
    try:
        answer = _resolver().resolve(name, "TXT", lifetime=_PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, ValueError) as error:
        raise ServiceError(
            "DNS_UNANSWERED", f"the DNS does not answer for {name} ({type(error).__name__}): try again later"
        ) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in list(answer)[:_MOST]]


def _resolver() -> dns.resolver.Resolver:
    servers = settings.DNS_SERVERS
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [address for address, _port in servers]
        resolver.port = servers[0][1]
    resolver.cache = None
    return resolver
