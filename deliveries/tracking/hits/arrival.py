"""What is kept of a request to a tracking address: no cookie, no referrer."""

import ipaddress
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

from deliveries.tracking.hits.recorder import Arrival

_AGENT: Final = 500  # characters; what tells a device or a scanner is said before
_PURPOSE: Final = 60  # characters; Purpose and the like hold one word
# Sec-Purpose is the Fetch standard's; browsers wrote the others before it.
_PURPOSES: Final = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def arrival(
    request: HttpRequest,
    kind: str,
    *,
    delivery_id: int | None = None,
    message_id: int | None = None,
    link: int | None = None,
    target: str = "",
) -> Arrival:
    """Return the hit that this request is."""
    headers = request.headers
    return Arrival(
        at=timezone.now(),
        kind=kind,
        delivery_id=delivery_id,
        message_id=message_id,
        link=link,
        target=target.replace("\x00", ""),
        ip=_ip(request),
        agent=_storable(headers.get("User-Agent", ""), _AGENT),
        method=(request.method or "")[:8],
        purpose=_storable(" ".join(filter(None, map(headers.get, _PURPOSES))), _PURPOSE),
    )


def _ip(request: HttpRequest) -> str | None:
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "")
    except ValueError:  # behind a socket there is none
        return None
    # A server that listens on IPv6 tells ::ffff:192.0.2.1 of who came by IPv4: one visitor has one address.
    return str(getattr(address, "ipv4_mapped", None) or address)


def _storable(text: str, most: int) -> str:
    """Return what PostgreSQL can keep of a header: a server hands us its bytes as Latin-1, NULs and all."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:most]
