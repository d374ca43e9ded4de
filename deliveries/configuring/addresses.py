"""Domains, web addresses and mailboxes, as they may be written into a setting."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from deliveries.content.mime.headers import one_line
from deliveries.content.mime.mailboxes import address_of, domain_of
from deliveries.errors import ClientError
from deliveries.models.spaces import MOST_MAILBOXES
from recipients.addresses import MAX_LOCAL, parse

_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def domain(text: str) -> str:
    """Return a domain in A-labels that any address of ours may have; raises ClientError."""
    found = domain_of(text)
    try:
        parse(f"{'x' * MAX_LOCAL}@{found}")
    except ClientError:
        found = None
    if found is None:
        raise ClientError("DOMAIN", _("Write a domain, for example bounces.shop.example."))
    return found


def selector(text: str) -> str:
    """Return what comes before ._domainkey in the DNS; raises ClientError."""
    if domain_of(f"{text}.example") is None or not text.isascii():
        raise ClientError("SELECTOR", _("Write a DKIM selector, for example mail2026."))
    return text.strip()


def web_address(text: str) -> str:
    """Return the base of public pages without a slash at its end, its host in A-labels; raises ClientError."""
    text = text.strip()
    parts = _split(text) if one_line(text) == text else None
    host = _host(parts.hostname or "") if parts else None
    path = parts.path.rstrip("/") if parts else ""
    if parts is None or host is None or not _PATH.fullmatch(path):
        raise ClientError(
            "WEB_ADDRESS",
            _(
                "Write an address that begins with http:// or https://, for example https://mail.shop.example, "
                "without a user name, ? or #."
            ),
        )
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "") + path


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        return None
    return parts if good and not set("@?#\\") & set(text) else None


def _host(name: str) -> str | None:
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return "localhost" if name == "localhost" else domain_of(name)
    return f"[{found}]" if found.version == 6 else str(found)  # noqa: PLR2004  IPv6 is written in brackets


def mailbox(text: str) -> str:
    """Return an address, its domain in A-labels; raises ClientError."""
    try:
        found = address_of(parse(text).text)
    except ClientError:
        found = None
    if found is None:
        raise ClientError("MAILBOX", no_mailbox(text))
    return found


def no_mailbox(text: str) -> str:
    """Return what to say of a text that is not an address."""
    return _("“%(text)s” is not a usable address: write one as name@domain.") % {"text": one_line(text)[:80]}


def mailboxes(texts: Sequence[str]) -> list[str]:
    """Return the addresses, each once; raises ClientError for the first that is none."""
    return list(dict.fromkeys(map(mailbox, texts)))


def few_mailboxes(texts: Sequence[str]) -> list[str]:
    """Return at most 30 addresses; raises ClientError."""
    found = mailboxes(texts)
    if len(found) > MOST_MAILBOXES:
        raise ClientError("TOO_MANY_MAILBOXES", _("Write at most %(most)d addresses.") % {"most": MOST_MAILBOXES})
    return found
