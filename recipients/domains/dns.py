"""TXT records, asked of the machine's resolvers or of those that XMLD_DNS_SERVERS names."""

from typing import TYPE_CHECKING, Final

from django.conf import settings

from recipients.errors import ServiceError

if TYPE_CHECKING:
    from dns.resolver import Resolver

_PATIENCE: Final = 5.0  # seconds: a page waits for it
_MOST: Final = 50  # records of one name; some domains have dozens


def texts(name: str) -> list[str]:
    """Return the TXT records of a name, none where there are none. Raises ServiceError: DNS_UNANSWERED."""
    import dns.exception  # noqa: PLC0415  8 MB in each process, and few ever ask
    import dns.resolver  # noqa: PLC0415

    try:
        answer = _resolver().resolve(name, "TXT", lifetime=_PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, ValueError) as error:
        raise ServiceError(
            "DNS_UNANSWERED", f"the DNS does not answer for {name} ({type(error).__name__}): try again later"
        ) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in list(answer)[:_MOST]]


def _resolver() -> "Resolver":
    import dns.resolver  # noqa: PLC0415  the same

    servers = settings.DNS_SERVERS
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [address for address, _port in servers]
        resolver.port = servers[0][1]
    resolver.cache = None
    return resolver
