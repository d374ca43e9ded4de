"""Secrets at rest: encrypted under a key that lies outside the database (reference, Secrets)."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from recipients.conf import data_key
from recipients.errors import ServiceError


class VaultError(ServiceError):
    """A kept secret can't be read with the present data key."""

    def __init__(self) -> None:
        super().__init__("DATA_KEY", "a kept secret was sealed under another data key: restore XMLD_DATA_KEY")


def _fernet() -> Fernet:
    derived = hmac.new(data_key(), b"vault", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(secret: str) -> bytes:
    """Return the secret encrypted and authenticated; an empty one stays empty."""
    return _fernet().encrypt(secret.encode()) if secret else b""


def reveal(sealed: bytes | memoryview) -> str:
    """Return the secret sealed before; raises VaultError when it was sealed under another key."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise VaultError from error
