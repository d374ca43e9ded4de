"""Addresses of links, from how they are written to how a browser asks for them (WHATWG URL 4.4, HTML 13.2.5)."""

import html
import re
from html.entities import html5
from typing import Final
from urllib.parse import quote, urljoin

import idna

_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,9};?|#[xX][0-9a-fA-F]{1,8};?|[A-Za-z][A-Za-z0-9]{0,31};?)")
_TAKEN_OUT: Final = re.compile(r"[\t\n\r]")
_ENDS: Final = "".join(map(chr, range(0x21)))
_HTTP: Final = re.compile(r"https?://[^/\\?#\s]", re.IGNORECASE)
_BEGINS: Final = re.compile(r"https?://(?:[^/\\?#\s]|\Z)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOST: Final = re.compile(r"(https?://)([^/\\?#:]+)(.*)", re.IGNORECASE | re.DOTALL)
# What an address may hold as it is; a `%` is never encoded again.
_KEPT: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def read_references(text: str) -> str:
    """Return an attribute's value with its character references read once, as browsers do.

    `&copy=` and `&copyright` stay text in an attribute, `&copy;` does not.
    """
    if "&" not in text:
        return text

    def read(match: re.Match[str]) -> str:
        written = match[0]
        if written[1] == "#":
            return html.unescape(written)
        followed = text[match.end() : match.end() + 1] == "=" and not written.endswith(";")
        return written if followed else html5.get(written[1:], written)

    return _REFERENCE.sub(read, text)


def without_breaks(text: str) -> str:
    """Return a piece of an address without line breaks and tabs."""
    return _TAKEN_OUT.sub("", text)


def trimmed(text: str, *, first: bool, last: bool) -> str:
    """Return a piece of an address: the first and last without the blanks around it, others encoded."""
    text = text.lstrip(_ENDS) if first else text
    return (text.rstrip(_ENDS) if last else text).replace(" ", "%20")


def is_http(text: str) -> bool:
    """Return whether an address can be tracked: http or https, and a host."""
    return _HTTP.match(text) is not None


def begins_http(text: str) -> bool:
    """Return whether what is written before the first marker begins such an address; the host may be a marker."""
    return _BEGINS.match(text) is not None


def joined(base: str, text: str) -> str:
    """Return a relative address as the page's `<base>` makes it; one with a scheme stays, and a mere fragment."""
    if not text or text.startswith("#") or _SCHEME.match(text):
        return text
    try:
        return urljoin(base, text)
    except ValueError:  # brackets that do not hold an IPv6 address
        return text


def location(target: str) -> str:
    """Return an address as a `Location` header carries it: ASCII, nothing else changed, escapes least of all."""
    if target.isascii() and target.isprintable():
        return target
    found = _HOST.fullmatch(target)
    if found is not None and not found[2].isascii():
        try:
            host = idna.encode(found[2], uts46=True).decode("ascii")
        except idna.IDNAError:
            host = found[2]
        target = found[1] + host + found[3]
    return quote(target, safe=_KEPT, errors="replace")
