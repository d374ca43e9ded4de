"""What a value becomes in each place, so that it can't leave it (reference 2.6)."""

import html
import re
from typing import Final
from urllib.parse import quote

from recipients.faults import Fault

_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# After http: any number of slashes, also none, leads to the host (WHATWG URL 4.4).
_USERINFO: Final = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})[^/\\?#]*@", re.IGNORECASE)
_NEEDS_ESCAPE: Final = re.compile("[&<>\"']")
_UNQUOTED: Final = re.compile(r"[^\w.,:;%-]|_", re.ASCII)
_NO_CSS: Final = re.compile(r"[^\w #.%,:/?&=~+-]")
_KEPT: Final = re.compile(r"(%[0-9A-Fa-f]{2})")
_BLANKS: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")
# An address that stays as it is in every place: ours are such, and most that people have.
_PLAIN_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9._:/-]+")
_ADDRESS_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"
_SCRIPTS: Final = frozenset({"javascript", "vbscript"})
_BAD: Final = frozenset({*_SCRIPTS, "file", "data"})


def as_is(text: str) -> str:
    """Plain text, and markup that is declared as such."""
    return text


def for_html(text: str) -> str:
    """Escape for HTML text and quoted attributes."""
    return html.escape(text, quote=True) if _NEEDS_ESCAPE.search(text) else text


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def for_tag(text: str) -> str:
    """Escape for a place inside a tag without quotes: nothing in it can end a name, a value or the tag."""
    return text if text.isalnum() else _UNQUOTED.sub(_reference, text)


def for_lone_attribute(text: str) -> str:
    """Escape a value that is all an attribute has: an empty one must not take the next attribute."""
    return for_tag(text) or '""'


def css(text: str) -> str:
    """Escape for CSS: nothing in it can end a declaration, a string or the sheet; addresses stay readable."""
    return text if text.isalnum() else _NO_CSS.sub(lambda match: f"\\{ord(match[0]):x} ", text)


def css_in_html(text: str) -> str:
    """Escape for CSS in a quoted attribute."""
    return html.escape(css(text), quote=True)


def css_in_tag(text: str) -> str:
    """Escape for CSS in an attribute without quotes."""
    return for_tag(css(text))


def css_alone(text: str) -> str:
    """Escape for CSS that is all a style attribute without quotes has."""
    return css_in_tag(text) or '""'


def for_tag_opening(text: str) -> str:
    """Escape after a bare `<`: the first character is written so that no tag begins."""
    return f"&#{ord(text[0])};{for_html(text[1:])}" if text else ""


def percent(text: str) -> str:
    """Percent-encode all but unreserved characters; `%` before two hexadecimal digits stays."""
    if text.isalnum() and text.isascii():
        return text
    if "%" not in text:
        return quote(text, safe="", errors="replace")
    parts = _KEPT.split(text)
    return "".join(
        part if index % 2 else quote(part, safe="", errors="replace") for index, part in enumerate(parts)
    )


def address(text: str) -> str:
    """Return a value that begins an address: http, https, mailto or tel, without a user's name; else nothing."""
    bare = text.strip()
    match = _SCHEME.match(bare)
    if match is None or match[1].lower() not in _SCHEMES or _USERINFO.match(bare):
        return ""
    return quote(bare, safe=_ADDRESS_SAFE, errors="replace")


def address_in_html(text: str) -> str:
    """Return a value that begins an address, escaped for HTML."""
    return text if _PLAIN_ADDRESS.fullmatch(text) else html.escape(address(text), quote=True)


def address_in_tag(text: str) -> str:
    """Return a value that is all an address attribute without quotes has."""
    return address_in_html(text) or '""'


ADDRESSES: Final = (address, address_in_html, address_in_tag)


def fault_of_address(text: str, *, image: bool = False) -> Fault | None:
    """Return what is wrong with an address as written (entities already read), or None.

    An image may be written into the page (`data:image/…`); a link may not.
    """
    bare = _BLANKS.sub("", text)
    match = _SCHEME.match(bare)
    if match is not None and match[1].lower() in _BAD and not (image and bare.lower().startswith("data:image/")):
        scheme = match[1].lower()
        return Fault.of("LINK_SCHEME.script" if scheme in _SCRIPTS else "LINK_SCHEME", scheme=scheme)
    return Fault.of("LINK_SCHEME.user") if _USERINFO.match(bare) else None
