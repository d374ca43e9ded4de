"""What stands for an address after its erasure (reference 7)."""

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from psycopg import sql

from recipients.conf import data_key

_BLOCK: Final = 64  # bytes, of SHA-256 (FIPS 180-4)


@lru_cache(maxsize=2)
def _key(root: bytes) -> bytes:
    return hmac.digest(root, b"address fingerprint", "sha256")


def fingerprint(address_key: str) -> bytes:
    """Return the 32 bytes that stand for a normalised address after its erasure (HMAC-SHA-256, RFC 2104)."""
    begun = _begun(data_key())
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(address_key.encode())
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=2)
def _begun(root: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """Return both hashes of HMAC with their key block in: each message needs one, and half of it is the key."""
    inner, outer = _blocks(root)
    return hashlib.sha256(inner), hashlib.sha256(outer)


def _blocks(root: bytes) -> tuple[bytes, bytes]:
    block = _key(root).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def fingerprint_sql(address_key: sql.Composable) -> tuple[sql.Composed, tuple[bytes, bytes]]:
    """Return the SQL that computes the fingerprint of a text expression, and its two parameters.

    PostgreSQL has sha256() without an extension, so HMAC is put together from its two key blocks.
    """
    inner, outer = _blocks(data_key())
    query = sql.SQL("sha256(%s::bytea || sha256(%s::bytea || convert_to({}, 'UTF8')))").format(address_key)
    return query, (outer, inner)
