"""The tokens of a delivery's messages, by the thousand: their keys are looked up once (formats: tokens.py)."""

import binascii
from collections.abc import Sequence
from functools import lru_cache

from deliveries import tokens
from deliveries.tokens import Purpose


class IdTokens:
    """Makes the tokens of one purpose."""

    __slots__ = ("_encrypt",)

    def __init__(self, purpose: Purpose) -> None:
        self._encrypt = tokens.cipher(purpose).encrypt

    def written(self, number: int) -> str:
        """Return what tokens.make returns."""
        return tokens.written(self._encrypt(tokens.plain_id(number), None))

    def local_part(self, number: int) -> str:
        """Return what tokens.make_local_part returns."""
        return self._encrypt(tokens.plain_id(number), None).hex()

    def both(self, number: int) -> tuple[str, str]:
        """Return one token both ways: for an address of the web, and for the local part of a mail address."""
        raw = self._encrypt(tokens.plain_id(number), None)
        return tokens.written(raw), raw.hex()


class LinkTokens:
    """Makes the addresses of one delivery's links; `before` is put before each token."""

    __slots__ = ("_before", "_delivery", "_encrypt")

    def __init__(self, delivery_id: int, before: str) -> None:
        self._encrypt = tokens.cipher(Purpose.CLICK).encrypt
        self._delivery = delivery_id
        self._before = before

    def of(self, message_id: int | None) -> "MessageLinks":
        """Return what makes those of one message; None is nobody's own."""
        return MessageLinks(self._encrypt, tokens.plain_owner(self._delivery, message_id), self._before)


class MessageLinks:
    """Makes the addresses of one message's links."""

    __slots__ = ("_before", "_encrypt", "_owner")

    def __init__(self, encrypt: tokens.Encrypt, owner: bytes, before: str) -> None:
        self._encrypt = encrypt
        self._owner = owner
        self._before = before

    def __call__(self, number: int, target: str | None) -> str:
        """Return one link's address; `target` is given where no row can hold it, being a person's own."""
        return self._before + tokens.written(self._encrypt(self._owner + tokens.plain_link(number, target), None))

    def many(self, numbers: tuple[int, ...]) -> list[bytes]:
        """Return the addresses of links that have a row, ASCII: a message has ten, so each step is done for all."""
        encrypt, owner, write = self._encrypt, self._owner, binascii.b2a_base64
        lines = b"".join([write(encrypt(owner + number, None)) for number in _plain(numbers)])
        before = self._before.encode("ascii")
        return [before + token for token in lines.translate(tokens.URL_SAFE, b"=").split()]


class SharedLinks:
    """Makes the addresses of links that are nobody's own: those with a row once for all messages."""

    def __init__(self, links: MessageLinks) -> None:
        self._links = links
        self._made: dict[tuple[int, ...], list[bytes]] = {}

    def __call__(self, number: int, target: str | None) -> str:
        """Return one link's address."""
        return self._links(number, target)

    def many(self, numbers: tuple[int, ...]) -> list[bytes]:
        """Return the addresses of links that have a row."""
        found = self._made.get(numbers)
        if found is None:
            found = self._made[numbers] = self._links.many(numbers)
        return found


@lru_cache(maxsize=1024)
def _plain(numbers: Sequence[int]) -> tuple[bytes, ...]:
    return tuple(tokens.plain_link(number, None) for number in numbers)
