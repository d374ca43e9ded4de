"""What shows that a message's bytes are those of an earlier attempt: a digest of all of them.

It is the tag that AES-GCM gives for the message as data to authenticate (GMAC, NIST SP 800-38D), under a key of
ours, in a tenth of SHA-256's time. The nonce is always the same, as the same message must have the same digest. Who
saw many could make up a message that fits one: what is to be found is a value that changed, not a forger.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recipients.conf import data_key

_NONCE: Final = bytes(12)
_SHA256_SIZE: Final = 32


def digest(message: bytes) -> bytes:
    """Return the 16 bytes that stand for all of a message."""
    return _cipher(data_key()).encrypt(_NONCE, b"", message)


def is_of(earlier: bytes, message: bytes) -> bool:
    """Return whether an earlier attempt's digest is that of a message; 0.1.0 kept its SHA-256, of 32 bytes."""
    return earlier == (hashlib.sha256(message).digest() if len(earlier) == _SHA256_SIZE else digest(message))


@lru_cache(maxsize=2)
def _cipher(root: bytes) -> AESGCM:
    return AESGCM(hmac.digest(root, b"message digest", "sha256"))
