"""Tokens of mails: opaque, signed, one per purpose, derived from the message's id (reference 6, 7).

A token is 18 bytes: a 10-byte tag over purpose and id, then the id hidden under a mask made from the tag.
In addresses it is written in base32 (letter case is not kept on the way of a bounce), elsewhere in base64url.
"""

import base64
import binascii
import enum
import hashlib
import hmac
from functools import lru_cache
from typing import Final

from recipients.conf import data_key

_TAG: Final = 10
_ID: Final = 8


class Purpose(enum.Enum):
    """What a token may be used for; one can't be turned into another."""

    OPEN = b"o"
    CLICK = b"c"
    UNSUBSCRIBE = b"u"
    WEB = b"w"
    RETURN_PATH = b"r"
    MESSAGE_ID = b"m"


@lru_cache(maxsize=32)
def _key(purpose: Purpose, root: bytes) -> bytes:
    return hmac.new(root, b"token:" + purpose.value, hashlib.sha256).digest()


def _tag(key: bytes, plain: bytes) -> bytes:
    return hmac.digest(key, b"tag" + plain, "sha256")[:_TAG]


def _mask(key: bytes, tag: bytes, data: bytes) -> bytes:
    pad = hmac.digest(key, b"mask" + tag, "sha256")[:_ID]
    return bytes(a ^ b for a, b in zip(data, pad, strict=True))


def _raw(purpose: Purpose, message_id: int) -> bytes:
    key = _key(purpose, data_key())
    plain = message_id.to_bytes(_ID, "big")
    tag = _tag(key, plain)
    return tag + _mask(key, tag, plain)


def make(purpose: Purpose, message_id: int) -> str:
    """Return the token of a message for a purpose: 24 characters of base64url."""
    return base64.urlsafe_b64encode(_raw(purpose, message_id)).decode("ascii")


def make_local_part(purpose: Purpose, message_id: int) -> str:
    """Return the token as 29 lower-case characters, fit for an address's local part (RFC 5321, 64 at most)."""
    return base64.b32encode(_raw(purpose, message_id)).decode("ascii").rstrip("=").lower()


def _open(purpose: Purpose, raw: bytes) -> int | None:
    if len(raw) != _TAG + _ID:
        return None
    key = _key(purpose, data_key())
    tag, hidden = raw[:_TAG], raw[_TAG:]
    plain = _mask(key, tag, hidden)
    return int.from_bytes(plain, "big") if hmac.compare_digest(tag, _tag(key, plain)) else None


def read(purpose: Purpose, token: str) -> int | None:
    """Return the message id of a token, or None for anything that is not ours or of another purpose."""
    try:
        return _open(purpose, base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None


def read_local_part(purpose: Purpose, local_part: str) -> int | None:
    """Return the message id of a token written by make_local_part, or None."""
    padded = local_part.upper() + "=" * (-len(local_part) % 8)
    try:
        return _open(purpose, base64.b32decode(padded.encode("ascii")))
    except (binascii.Error, ValueError):
        return None
