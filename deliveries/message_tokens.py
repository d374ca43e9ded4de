"""The tokens of a delivery's messages, by the thousand (formats: tokens.py).

Messages are sent about in the order of their ids. So whoever asks for the token of one has those of its neighbours
made with it, sixteen together, which costs little more than one by itself.
"""

import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from struct import Struct
from typing import Final, TypeVar

from deliveries import tokens
from deliveries.short_siv import BITS, BLOCK, repeated
from deliveries.tokens import Purpose

_TOGETHER: Final = 16  # a power of two below 128, so that the ids of a block differ in one byte
_MOST_BLOCKS: Final = 64  # that are kept: a sender has 16 ranges in hand, a message links in two parts
_TAG: Final = BLOCK
_ID: Final = 8
_WIDE: Final = Struct(f"{_TAG}s" * _TOGETHER)
_IDS: Final = Struct(f"{_ID}s{BLOCK - _ID}x" * _TOGETHER)
_HEX: Final = 2 * (_TAG + _ID)
_WRITTEN: Final = (_TAG + _ID) // 3 * 4
_PLAIN_IDS: Final = ((1 << 8 * _ID) - 1 << BITS - 8 * _ID) * repeated(_TOGETHER)
_MOST_PLAIN: Final = 14  # bytes: a token of 30 has a third of it in whole bytes


Key = TypeVar("Key")
Value = TypeVar("Value")


class IdTokens:
    """Makes the tokens of one purpose. Not for two threads at once."""

    __slots__ = ("_blocks", "_siv")

    def __init__(self, purpose: Purpose) -> None:
        self._siv = tokens.short_siv(purpose)
        self._blocks: dict[int, tuple[str, str]] = {}

    def written(self, number: int) -> str:
        """Return what tokens.make returns."""
        at = number % _TOGETHER * _WRITTEN
        return self._block(number)[0][at : at + _WRITTEN]

    def local_part(self, number: int) -> str:
        """Return what tokens.make_local_part returns."""
        at = number % _TOGETHER * _HEX
        return self._block(number)[1][at : at + _HEX]

    def both(self, number: int) -> tuple[str, str]:
        """Return one token both ways: for an address of the web, and for the local part of a mail address."""
        return self.written(number), self.local_part(number)

    def _block(self, number: int) -> tuple[str, str]:
        """Return the tokens of a number and its neighbours, one behind the other, both ways."""
        first = number - number % _TOGETHER
        return self._blocks.get(first) or _keep(self._blocks, first, self._made(first))

    def _made(self, first: int) -> tuple[str, str]:
        padded = (first << BITS - 8 * _ID) * repeated(_TOGETHER) + _counted()
        tags, sealed = self._siv.seal(_TOGETHER, _PLAIN_IDS, padded)
        raw = _side_by_side(_WIDE.unpack(tags), _IDS.unpack(sealed))
        return tokens.written(raw), raw.hex()


def _keep(blocks: dict[Key, Value], key: Key, value: Value) -> Value:
    """Keep a block among those that were made last."""
    if len(blocks) >= _MOST_BLOCKS:
        del blocks[next(iter(blocks))]
    blocks[key] = value
    return value


@cache
def _counted() -> int:
    """Return what is added to the first id of a block for each of its ids, with the padding behind them."""
    blocks = [plain << BITS - 8 * _ID | 0x80 << BITS - 8 * _ID - 8 for plain in range(_TOGETHER)]
    return int.from_bytes(b"".join(block.to_bytes(BLOCK, "big") for block in blocks), "big")


def _side_by_side(tags: Iterable[bytes], sealed: Iterable[bytes]) -> bytes:
    """Return each tag with what was sealed behind it."""
    return b"".join(chain.from_iterable(zip(tags, sealed, strict=True)))


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the links of sixteen messages lie: `each` puts their owner's first bytes everywhere, `added` the rest."""

    count: int
    each: int
    added: int
    plain: int
    tags: Struct
    sealed: Struct
    row: Struct


class LinkTokens:
    """Makes the addresses of one delivery's links, each `before` and a token. Not for two threads at once."""

    def __init__(self, delivery_id: int, before: str) -> None:
        self.encrypt = tokens.cipher(Purpose.CLICK).encrypt
        self.before = before
        self._siv = tokens.short_siv(Purpose.CLICK)
        self._delivery = delivery_id
        self._at = len(tokens.plain_owner(delivery_id, None)) - 1  # where the message's number begins
        self._shapes: dict[tuple[int, tuple[int, ...]], _Shape | None] = {}
        self._blocks: dict[tuple[int, tuple[int, ...]], tuple[Struct, bytes]] = {}

    def of(self, message_id: int | None) -> "MessageLinks":
        """Return what makes those of one message; None is nobody's own."""
        return MessageLinks(self, message_id)

    def owner(self, message_id: int | None) -> bytes:
        """Return what is sealed in all links of a message."""
        return tokens.plain_owner(self._delivery, message_id)

    def many(self, message_id: int | None, numbers: tuple[int, ...]) -> tuple[bytes, ...]:
        """Return the tokens of links that have a row."""
        place = 0 if message_id is None else (message_id + 1) % _TOGETHER
        first = 0 if message_id is None else message_id + 1 - place
        found = self._blocks.get((first, numbers))
        if found is None:
            found = _keep(self._blocks, (first, numbers), self._made(first, numbers))
        row, text = found
        return row.unpack_from(text, place * row.size)

    def _made(self, first: int, numbers: tuple[int, ...]) -> tuple[Struct, bytes]:
        """Return the tokens of sixteen messages, and how those of each lie; `first` is an id and one."""
        owner = self.owner(first - 1)
        key = len(owner), numbers
        if key not in self._shapes:
            self._shapes[key] = _shape(self._at, len(owner), numbers)
        shape = self._shapes[key]
        if shape is None:
            return self._one_by_one(first, numbers)
        padded = int.from_bytes(owner.ljust(BLOCK, b"\0"), "big") * shape.each + shape.added
        tags, sealed = self._siv.seal(shape.count, shape.plain, padded)
        raw = _side_by_side(shape.tags.unpack(tags), shape.sealed.unpack(sealed))
        return shape.row, binascii.b2a_base64(raw, newline=False).translate(tokens.URL_SAFE)

    def _one_by_one(self, first: int, numbers: tuple[int, ...]) -> tuple[Struct, bytes]:
        """Return the same where a token has more than fits a block, as ids do that nobody has yet."""
        owners = [self.owner(first + place - 1) for place in range(_TOGETHER)]
        plain = [owner + tokens.plain_link(number, None) for owner in owners for number in numbers]
        made = [tokens.written(self.encrypt(each, None)).encode("ascii") for each in plain]
        return Struct("".join(f"{len(token)}s" for token in made[: len(numbers)])), b"".join(made)


def _shape(at: int, owner: int, numbers: tuple[int, ...]) -> _Shape | None:
    """Return how these links lie behind owners of this length, whose last number begins `at`; None: no way.

    Base64 of what ends with zeros begins as base64 without them, so that all tokens can be written as if they were
    as long as the longest, and cut.
    """
    rests = [tokens.plain_link(number, None) for number in numbers]
    longest = owner + max(map(len, rests))
    if longest > _MOST_PLAIN:
        return None
    width = -(-(_TAG + longest) // 3) * 3
    added = plain = 0
    for place in range(_TOGETHER):
        for rest in rests:
            block = (bytes(at) + bytes((place,))).ljust(owner, b"\0") + rest + b"\x80"
            added = added << BITS | int.from_bytes(block.ljust(BLOCK, b"\0"), "big")
            plain = plain << BITS | int.from_bytes((b"\xff" * (owner + len(rest))).ljust(BLOCK, b"\0"), "big")
    count = _TOGETHER * len(rests)
    letters = [-(-4 * (_TAG + owner + len(rest)) // 3) for rest in rests]
    return _Shape(
        count=count,
        each=repeated(count),
        added=added,
        plain=plain,
        tags=Struct(f"{_TAG}s" * count),
        sealed=Struct(f"{width - _TAG}s{BLOCK - width + _TAG}x" * count),
        row=Struct("".join(f"{long}s{width // 3 * 4 - long}x" for long in letters)),
    )


class MessageLinks:
    """Makes the addresses of one message's links."""

    __slots__ = ("_links", "_message", "before")

    def __init__(self, links: LinkTokens, message_id: int | None) -> None:
        self.before = links.before
        self._links = links
        self._message = message_id

    def __call__(self, number: int, target: str | None) -> str:
        """Return one link's address; `target` is given where no row can hold it, being a person's own."""
        links = self._links
        plain = links.owner(self._message) + tokens.plain_link(number, target)
        return links.before + tokens.written(links.encrypt(plain, None))

    def many(self, numbers: tuple[int, ...]) -> tuple[bytes, ...]:
        """Return what follows `before` in the addresses of links that have a row."""
        return self._links.many(self._message, numbers)
