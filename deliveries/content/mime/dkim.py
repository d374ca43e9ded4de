"""DKIM signatures of whole messages (RFC 6376; rsa-sha256 by RFC 8301, ed25519-sha256 by RFC 8463).

Headers are canonicalised relaxed, the body simple: a body of ours is 7-bit with lines of at most 76, which
nothing on the way has a reason to change, and simple costs a tenth of relaxed. No `t=`: the same message gets
the same bytes at each attempt. No `l=`: what is appended to a signed body must break it.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from deliveries.errors import ClientError

_LEAST_BITS: Final = 1024  # RFC 8301 3.2: less must not be verified
# Each is signed once more than it occurs, so that nobody can add a second one (RFC 6376 8.15).
_SEALED: Final = (b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type")
_SIGNED: Final = (
    *_SEALED, b"content-transfer-encoding", b"list-unsubscribe", b"list-unsubscribe-post", b"list-id",
    b"feedback-id",
)  # fmt: skip
_FOLD: Final = re.compile(rb"\r\n(?=[ \t])")
_BLANKS: Final = re.compile(rb"[ \t]+")
_LINE: Final = 72  # RFC 5322 2.1.1 asks for lines of 78 at most
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Key:
    """One key and the selector that its record is found by."""

    selector: str
    pem: str


class Signer:
    """Signs for one domain with one key or two; raises ClientError where a key can't be used."""

    def __init__(self, domain: str, keys: Iterable[Key]) -> None:
        self._heads: list[tuple[bytes, Sign]] = []
        for key in keys:
            algorithm, sign = _usable(key.pem)
            head = f"v=1; a={algorithm}; c=relaxed/simple;\r\n d={domain}; s={key.selector};"
            self._heads.append((head.encode("ascii"), sign))

    def sign(self, message: bytes) -> bytes:
        """Return the header lines to put before a message (CRLF, not dot-stuffed)."""
        head, _, body = message.partition(b"\r\n\r\n")
        names, lines = _relaxed(head)
        digest = base64.b64encode(hashlib.sha256(_simple(body)).digest())
        return b"".join(_signature(start, names, digest, lines, sign) for start, sign in self._heads)


def _signature(start: bytes, names: list[bytes], digest: bytes, lines: list[bytes], sign: Sign) -> bytes:
    value = b" " + start + b"\r\n " + _folded_names(names) + b"\r\n bh=" + digest + b";\r\n b="
    own = b"dkim-signature:" + _BLANKS.sub(b" ", _FOLD.sub(b"", value)).strip()
    signed = base64.b64encode(sign(b"".join([*lines, own])))
    parts = [signed[at : at + _LINE] for at in range(0, len(signed), _LINE)]
    return b"DKIM-Signature:" + value + b"\r\n ".join(parts) + b"\r\n"


def _folded_names(names: list[bytes]) -> bytes:
    """Return `h=…;`, folded behind its colons (RFC 6376 3.5 allows blanks there)."""
    lines = [b"h="]
    for name in names:
        if len(lines[-1]) + len(name) >= _LINE:
            lines.append(b"")
        lines[-1] += name + b":"
    return b"\r\n ".join(lines)[:-1] + b";"


def _relaxed(head: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the names to sign, bottom up where one occurs twice, and their lines (RFC 6376 3.4.2, 5.4.2)."""
    found: dict[bytes, list[bytes]] = {}
    for line in _FOLD.sub(b"", head).split(b"\r\n"):
        name, _, value = line.partition(b":")
        lower = name.strip().lower()
        if lower in _SIGNED:
            found.setdefault(lower, []).append(lower + b":" + _BLANKS.sub(b" ", value).strip() + b"\r\n")
    names: list[bytes] = []
    lines: list[bytes] = []
    for name in _SIGNED:
        present = found.get(name, [])
        names += [name] * len(present)
        lines += reversed(present)
    return [*names, *_SEALED], lines


def _simple(body: bytes) -> bytes:
    """Return a body that ends in one line break (RFC 6376 3.4.3)."""
    if not body.endswith(b"\r\n"):
        return body + b"\r\n"
    while body.endswith(b"\r\n\r\n"):
        body = body[:-2]
    return body


def _usable(pem: str) -> tuple[str, Sign]:
    """Return a key's algorithm and what signs with it."""
    key = _private_key(pem)
    if isinstance(key, Ed25519PrivateKey):
        return "ed25519-sha256", lambda data: key.sign(hashlib.sha256(data).digest())
    scheme, algorithm = padding.PKCS1v15(), hashes.SHA256()
    return "rsa-sha256", lambda data: key.sign(data, scheme, algorithm)


def _private_key(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ClientError("DKIM_KEY", "the DKIM key is not a PEM key without a password; write one") from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        wrong = f"the DKIM key is neither RSA of {_LEAST_BITS} bits and more nor Ed25519; make another"
        raise ClientError("DKIM_KEY", wrong)
    return key


def record(pem: str) -> str:
    """Return the text of the DNS record that a key's signatures are verified by (RFC 6376 3.6.1, RFC 8463 4)."""
    public = _private_key(pem).public_key()
    if isinstance(public, RSAPublicKey):
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"


def new_key(*, ed25519: bool = False) -> str:
    """Return a new private key as PEM: RSA of 2048 bits, which every DNS record and verifier takes."""
    key = Ed25519PrivateKey.generate() if ed25519 else rsa.generate_private_key(65_537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
