"""Addresses in headers: `address` or `Name <address>`, the domain in A-labels (RFC 5322 3.4, RFC 5890)."""

import re
from functools import lru_cache
from typing import Final

import idna

_ATEXT: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LOCAL: Final = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
_NOT_ATEXT: Final = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
_DOMAIN: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_NAMED: Final = re.compile(r"([^<>]{0,400})<([^<>]{1,400})>")
_PLAIN_TO: Final = re.compile(r"[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+@[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)+"')
_MOST_LOCAL: Final = 64  # RFC 5321 4.5.3.1.1


def clean_local(text: str) -> str:
    """Return what a value may add to a local part: the characters that an atom knows."""
    return _NOT_ATEXT.sub("", text)


@lru_cache(maxsize=4096)
def domain_of(text: str) -> str | None:
    """Return a domain in A-labels and lower case, or None for what isn't one."""
    lower = text.strip().rstrip(".").lower()
    if not lower.isascii():
        try:
            lower = idna.encode(lower, uts46=True).decode("ascii").lower()
        except idna.IDNAError:
            return None
    return lower if _DOMAIN.fullmatch(lower) else None


@lru_cache(maxsize=256)
def address_of(text: str) -> str | None:
    """Return one address with an ASCII local part, or None for anything else."""
    local, at, domain = text.strip().rpartition("@")
    if not at or len(local) > _MOST_LOCAL or not _LOCAL.fullmatch(local):
        return None
    ascii_domain = domain_of(domain)
    return f"{local}@{ascii_domain}" if ascii_domain else None


@lru_cache(maxsize=256)
def split_named(text: str) -> tuple[str, str]:
    """Split `Name <address>` or `address` to name and address, neither checked."""
    match = _NAMED.fullmatch(text.strip())
    if match is None:
        return "", text.strip()
    name = match[1].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return name, match[2].strip()


def recipient(text: str) -> str | None:
    """Return the recipient's address as the To header shows it, or None where it could be read as two."""
    if _PLAIN_TO.fullmatch(text):
        return text
    local, _, domain = text.rpartition("@")
    good = _QUOTED.fullmatch(local) is not None and local.isprintable() and domain_of(domain) is not None
    return text if good else None
