"""Enhanced status codes (RFC 3463, RFC 5248): where they are in a text, and which category they mean."""

import re
from collections.abc import Mapping
from typing import Final

from deliveries.refusals.categories import Category

_C = Category

_FIRST: Final = re.compile(r"\s*#?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?!\w|\.\w)")
# Elsewhere only RFC 3463's subjects 0 to 7 count, and no part of a host address, a version or a longer number.
_ANYWHERE: Final = re.compile(r"(?<![\w.:/-])#?([245]\.[0-7]\.[0-9]{1,3})(?![\w/-]|\.\w)")

# By subject and detail. 1.4 is "ambiguous": somebody of that name is there.
DETAIL: Final[Mapping[str, Category]] = {
    "1.1": _C.NO_MAILBOX,
    "1.2": _C.NO_DOMAIN,
    "1.3": _C.NO_MAILBOX,
    "1.6": _C.NO_MAILBOX,
    "1.7": _C.POLICY,
    "1.8": _C.POLICY,
    "1.10": _C.NO_DOMAIN,  # RFC 7505: a null MX
    "1.90": _C.POLICY,  # Microsoft: the sender has sent its day's worth
    "1.351": _C.NO_MAILBOX,  # Microsoft: the remote server knows no such recipient
    "2.1": _C.DISABLED,
    "2.2": _C.FULL,
    "2.3": _C.TOO_LARGE,
    "2.4": _C.TEMPORARY,
    "2.121": _C.TEMPORARY,  # Microsoft: the recipient gets too much an hour
    "2.122": _C.TEMPORARY,
    "3.4": _C.TOO_LARGE,
    "4.3": _C.TEMPORARY,
    "4.4": _C.NO_DOMAIN,  # Postfix: host or domain name not found
    "4.310": _C.NO_DOMAIN,  # Microsoft: the DNS domain does not exist
    "6.7": _C.POLICY,  # RFC 6531: the address needs SMTPUTF8
}
SUBJECT: Final[Mapping[str, Category]] = {
    "2": _C.DISABLED,
    "3": _C.TEMPORARY,
    "4": _C.UNREACHABLE,
    "5": _C.TEMPORARY,
    "6": _C.CONTENT,
    "7": _C.POLICY,
}


def find_enhanced(text: str, code: int = 0) -> str:
    """Return the enhanced code of a reply's text, wherever it is, or "".

    The beginning is its place (RFC 2034); of those elsewhere one of the class of `code` (three digits) goes first.
    One that says nothing ("5.1.0 - Unknown address error 550-'5.7.1 ...'") gives way to one that does.
    """
    first = _FIRST.match(text)
    if text.find(".", first.end() if first else 0) < 0:  # nearly every 250
        return first[1] if first else ""
    found = _ANYWHERE.findall(text)
    of_class = first[1][0] if first else str(code)[0]
    alike = [one for one in found if one[0] == of_class]
    candidates = [first[1], *alike] if first else alike or found
    return next(filter(says_something, candidates), next(iter(candidates), ""))


def says_something(enhanced: str) -> bool:
    """Return whether a code tells more than that something went wrong (5.0.0, 5.1.0, 5.0.350)."""
    return bool(enhanced) and not enhanced.endswith(".0") and enhanced[2] != "0"


def by_detail(enhanced: str) -> Category | None:
    """Return what subject and detail say; None where they say no more than the subject."""
    return DETAIL.get(enhanced[2:])


def by_subject(enhanced: str) -> Category | None:
    """Return what the subject alone says; None for 0 (undefined) and 1 (some address)."""
    return SUBJECT.get(enhanced[2:].split(".", maxsplit=1)[0])
