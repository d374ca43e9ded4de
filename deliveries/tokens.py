"""Tokens of mails: opaque, one per purpose, derived from ids, so nothing of them is stored (reference 6, 7).

A token is AES-SIV (RFC 5297) over what it names: 16 bytes that prove it, then the plain bytes encrypted. The
same input makes the same token, so a message's bytes never change between attempts. Each purpose has a key of
its own: a token of one opens no other. An id's token has 24 bytes. In addresses it is written in hexadecimal,
as letter case is not kept on a bounce's way: 48 characters of the 64 that RFC 5321 4.5.3.1.1 allows (base32 has
39 and costs thrice the token itself). Elsewhere it is base64url.
"""

import base64
import binascii
import enum
import hashlib
import hmac
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from deliveries.short_siv import ShortSiv
from recipients.conf import data_key

COPY_ID: Final = 0  # the message id in copies (a test sent by hand, seeds): they act on nobody
HIDDEN_LINK: Final = 65_535  # a link number that no reader sees: whoever fetches it follows everything
_ID: Final = 8  # bytes of a bigint
URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_MOST_TARGET: Final = 1024**2  # a field's longest value
_WRITTEN: Final = b"\x01"
_DEFLATED: Final = b"\x02"
# Below it deflating a URL gains a few bytes at most and costs more than the token itself.
_WORTH_DEFLATING: Final = 120


class Encrypt(Protocol):
    """Seals plain bytes, as AESSIV.encrypt does."""

    def __call__(self, data: bytes, associated_data: None, /) -> bytes:
        """Return the tag and what is sealed."""


class Purpose(enum.Enum):
    """What a token may be used for; one can't be turned into another."""

    OPEN = b"o"
    OPEN_SHARED = b"O"  # a delivery's id: nobody's own pixel
    CLICK = b"c"
    UNSUBSCRIBE = b"u"
    WEB = b"w"
    RETURN_PATH = b"r"
    MESSAGE_ID = b"m"


@dataclass(frozen=True, slots=True)
class Click:
    """A link of a delivery: whose (None: nobody's own, COPY_ID: a copy's), its number, and where it leads.

    `target` is None where the link's row has the address. Number 0 is a link out of a person's own page.
    """

    delivery_id: int
    message_id: int | None
    link: int
    target: str | None


@lru_cache(maxsize=32)
def _cipher(purpose: Purpose, root: bytes) -> AESSIV:
    """Return the purpose's cipher; setting one up costs as much as twenty tokens."""
    return AESSIV(_key(purpose, root))


def _key(purpose: Purpose, root: bytes) -> bytes:
    return hmac.digest(root, b"token:" + purpose.value, hashlib.sha512)


def cipher(purpose: Purpose) -> AESSIV:
    """Return what seals the tokens of a purpose."""
    return _cipher(purpose, data_key())


def short_siv(purpose: Purpose) -> ShortSiv:
    """Return what seals many tokens of a purpose together: a new one, as it is not for two threads at once."""
    return ShortSiv(_key(purpose, data_key()))


def plain_id(number: int) -> bytes:
    """Return what is sealed of an id."""
    return number.to_bytes(_ID, "big")


def _sealed(purpose: Purpose, number: int) -> bytes:
    return cipher(purpose).encrypt(plain_id(number), None)


def _opened(purpose: Purpose, raw: bytes) -> bytes | None:
    try:
        return cipher(purpose).decrypt(raw, None)
    except (InvalidTag, ValueError):
        return None


def _id_in(purpose: Purpose, raw: bytes) -> int | None:
    plain = _opened(purpose, raw)
    return None if plain is None or len(plain) != _ID else int.from_bytes(plain, "big")


def written(raw: bytes) -> str:
    """Return a token as it is written in a web address: base64url without padding."""
    # What base64.urlsafe_b64encode does in three calls.
    return binascii.b2a_base64(raw, newline=False).translate(URL_SAFE, b"=").decode("ascii")


def _read(token: str) -> bytes | None:
    """Return the bytes of a token in its one way of writing them, or None."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:  # binascii.Error is one
        return None
    return raw if written(raw) == token else None


def make(purpose: Purpose, number: int) -> str:
    """Return the token of a message's (or delivery's) id for a purpose: 32 characters of base64url."""
    return written(_sealed(purpose, number))


def make_local_part(purpose: Purpose, number: int) -> str:
    """Return the token as 48 lower-case characters, fit for an address's local part."""
    return _sealed(purpose, number).hex()


def read(purpose: Purpose, token: str) -> int | None:
    """Return the id of a token, or None for anything that is not ours or of another purpose."""
    raw = _read(token)
    return None if raw is None else _id_in(purpose, raw)


def read_local_part(purpose: Purpose, local_part: str) -> int | None:
    """Return the id of a token written by make_local_part, in any letter case, or None."""
    try:
        return _id_in(purpose, binascii.unhexlify(local_part))
    except ValueError:  # binascii.Error is one
        return None


def make_click(delivery_id: int, message_id: int | None, link_number: int, target: str | None) -> str:
    """Return the token of a link; `target` is given where no row can hold it, being a person's own."""
    plain = plain_owner(delivery_id, message_id) + plain_link(link_number, target)
    return written(cipher(Purpose.CLICK).encrypt(plain, None))


def plain_owner(delivery_id: int, message_id: int | None) -> bytes:
    """Return what is sealed in all links of a message; None is nobody's own."""
    return _varint(delivery_id) + _varint(0 if message_id is None else message_id + 1)


def plain_link(number: int, target: str | None) -> bytes:
    """Return what is sealed behind the owner."""
    return _varint(number) + (b"" if target is None else _packed(target))


def read_click(token: str) -> Click | None:
    """Return the link of a token made by make_click, or None for anything else."""
    raw = _read(token)
    plain = None if raw is None else _opened(Purpose.CLICK, raw)
    if plain is None:
        return None
    delivery_id, at = _number(plain, 0)
    message, at = _number(plain, at)
    link, at = _number(plain, at)
    return Click(delivery_id, message - 1 if message else None, link, _unpacked(plain[at:]))


@lru_cache(maxsize=4096)
def _varint(number: int) -> bytes:
    """Return a number in as few bytes as it needs, seven bits each, the last one without its highest bit."""
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004  seven bits
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(plain: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins there and where it ends; what was sealed is whole."""
    number = shift = 0
    while plain[at] & 0x80:
        number |= (plain[at] & 0x7F) << shift
        shift += 7
        at += 1
    return number | plain[at] << shift, at + 1


def _packed(target: str) -> bytes:
    data = target.encode("utf-8", "surrogatepass")
    if len(data) > _WORTH_DEFLATING:
        deflated = zlib.compress(data, 1)
        if len(deflated) < len(data):
            return _DEFLATED + deflated
    return _WRITTEN + data


def _unpacked(packed: bytes) -> str | None:
    if not packed:
        return None
    data = packed[1:]
    if packed[:1] == _DEFLATED:
        data = zlib.decompressobj().decompress(data, _MOST_TARGET)
    return data.decode("utf-8", "surrogatepass")
