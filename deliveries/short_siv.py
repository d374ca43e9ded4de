"""AES-SIV (RFC 5297) of plain bytes that are shorter than a block: any number of them in two calls of AES.

Below 16 bytes, and with nothing associated, the RFC comes down to two blocks. The tag is AES, by the first half of
the key, of the padded plain bytes xor a constant (2.4: S2V of one string is CMAC of one block). Encrypted they are
the plain bytes xor AES, by the second half, of the tag with two bits cleared (2.5, 2.6). Blocks that do not depend
on one another may lie side by side, which is all that ECB does; the tokens are those of `AESSIV` to the bit.
"""

from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK: Final = 16  # bytes
BITS: Final = 8 * BLOCK
_POLYNOMIAL: Final = 0x87  # 2.3, dbl
_CLEARED: Final = ~(1 << 63 | 1 << 31) & (1 << BITS) - 1  # 2.5


class _Encryptor(Protocol):
    def update(self, data: bytes, /) -> bytes:
        """Return the data encrypted."""


class ShortSiv:
    """Seals by one key. Not for two threads at once."""

    __slots__ = ("_constant", "_masks", "_stream", "_tag")

    def __init__(self, key: bytes) -> None:
        half = len(key) // 2
        self._tag, self._stream = _encryptor(key[:half]), _encryptor(key[half:])
        of_whole_blocks = _doubled(self._tag.update(bytes(BLOCK)))  # RFC 4493 2.3, K1
        zero = self._tag.update(of_whole_blocks.to_bytes(BLOCK, "big"))
        self._constant = _doubled(zero) ^ of_whole_blocks
        self._masks: dict[int, tuple[int, int]] = {}

    def seal(self, count: int, plain: int, padded: int) -> tuple[bytes, bytes]:
        """Return `count` tags side by side, and the encrypted bytes, each at the beginning of a block.

        `padded` are the plain bytes, each in a block and followed by 0x80 and zeros (2.1, pad). `plain` has a one
        for each bit of it that is plain: the others come out as zero.
        """
        size = count * BLOCK
        if count not in self._masks:
            self._masks[count] = self._constant * repeated(count), _CLEARED * repeated(count)
        constant, cleared = self._masks[count]
        tags = self._tag.update((padded ^ constant).to_bytes(size, "big"))
        counters = int.from_bytes(tags, "big") & cleared
        stream = int.from_bytes(self._stream.update(counters.to_bytes(size, "big")), "big")
        return tags, ((stream ^ padded) & plain).to_bytes(size, "big")


def repeated(count: int) -> int:
    """Return what puts a block side by side with itself, by multiplication."""
    return ((1 << BITS * count) - 1) // ((1 << BITS) - 1)


def _encryptor(key: bytes) -> _Encryptor:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305  the block cipher: see above


def _doubled(block: bytes) -> int:
    whole = int.from_bytes(block, "big") << 1
    return whole & (1 << BITS) - 1 ^ (_POLYNOMIAL if whole >> BITS else 0)
