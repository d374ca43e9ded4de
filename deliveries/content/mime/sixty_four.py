"""Base64 in segments: each literal is encoded once for each of the three places where it can begin (RFC 2045 6.8).

Three bytes make four characters. What a person's value leaves over takes its missing bytes from the literal behind
it, so a literal begins at its first, second or third byte; what it leaves over itself waits for what follows. Every
segment ends with a line break, and only the last one is padded.
"""

import binascii
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from deliveries import charsets
from deliveries.content.markers.values import Scope
from deliveries.content.places.pieces import Fork, Page, Piece, Slot, Tracked

_BREAK: Final = re.compile("\r\n?|\n")
_LINE: Final = 57  # bytes, 76 characters


def lines(data: bytes) -> bytes:
    """Return base64 in lines of at most 76; what isn't a multiple of three is padded, so it has to be the last."""
    if len(data) <= _LINE:
        return binascii.b2a_base64(data, newline=False) + b"\r\n" if data else b""
    whole = binascii.b2a_base64(data, newline=False)
    if len(data) <= 2 * _LINE:
        return b"%b\r\n%b\r\n" % (whole[:76], whole[76:])
    return b"".join([whole[at : at + 76] + b"\r\n" for at in range(0, len(whole), 76)])


def encoded(text: str, charset: str, errors: str) -> bytes:
    """Return a text's bytes, each line break as CRLF. Raises UnicodeEncodeError where the charset lacks one."""
    broken = _BREAK.sub("\r\n", text) if "\n" in text or "\r" in text else text
    return charsets.encoded(broken, charset, errors)


def is_shorter(pieces: Iterable[Piece], charset: str) -> bool:
    """Return whether what is written in a part for everybody is shorter in base64 than quoted-printable."""
    data = b"".join(_literals(pieces, charset))
    return len(binascii.b2a_qp(data, istext=True)) > len(data) * 78 // _LINE


def _literals(pieces: Iterable[Piece], charset: str) -> Iterable[bytes]:
    for piece in pieces:
        if isinstance(piece, str):
            yield charsets.encoded(piece, charset, "replace" if charset == "utf-8" else "strict")
        elif isinstance(piece, Fork):
            for _, inner in piece.branches:
                yield from _literals(inner, charset)


class _Literal:
    """A literal and its three encodings, each with what it leaves over."""

    __slots__ = ("data", "variants")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.variants: list[tuple[bytes, bytes]] = []
        for begin in range(3):
            end = max(len(data) - (len(data) - begin) % 3, begin)
            self.variants.append((lines(data[begin:end]), data[end:]))


class Program64:
    """A part ready for one charset, as quoted.Program; its literals are encoded."""

    __slots__ = ("_charset", "_errors", "_shown", "_steps")

    def __init__(self, pieces: Sequence[Piece], charset: str) -> None:
        self._charset = charset
        self._errors = "replace" if charset == "utf-8" else "strict"
        self._steps: list[_Literal | int | tuple[Fork, tuple[Program64, ...]]] = []
        numbers: dict[Slot | Tracked | Page, int] = {}
        for piece in pieces:
            if isinstance(piece, str):
                self._steps.append(_Literal(encoded(piece, charset, self._errors)))
            elif isinstance(piece, Fork):
                self._steps.append((piece, tuple(Program64(inner, charset) for _, inner in piece.branches)))
            else:
                self._steps.append(numbers.setdefault(piece, len(numbers)))
        uses = Counter(step for step in self._steps if isinstance(step, int))
        self._shown = tuple((slot, uses[number]) for slot, number in numbers.items())

    def run(self, scope: Scope) -> bytes:
        """Return the part for one person.

        Raises UnicodeEncodeError where the charset lacks a character, ComposeError where it grows out of bounds.
        """
        out: list[bytes] = []
        out.append(lines(self._append(scope, b"", out)))
        return b"".join(out)

    def _values(self, scope: Scope) -> list[bytes]:
        """Return each value as it is written, once however often it occurs."""
        shown = []
        for slot, times in self._shown:
            data = encoded(slot.render(scope), self._charset, self._errors)
            scope.spend(len(data) * times)
            shown.append(data)
        return shown

    def _append(self, scope: Scope, left: bytes, out: list[bytes]) -> bytes:
        """Write the part behind what is left over; return what it leaves over itself."""
        values = self._values(scope)
        for step in self._steps:
            if isinstance(step, int):
                left += values[step]
            elif isinstance(step, _Literal):
                missing = -len(left) % 3
                if len(step.data) < missing:
                    left += step.data
                    continue
                if left:
                    out.append(lines(left + step.data[:missing]))
                segment, left = step.variants[missing]
                out.append(segment)
            else:
                fork, branches = step
                picked = fork.pick(scope)
                if picked is not None:
                    left = branches[picked]._append(scope, left, out)  # noqa: SLF001  its own kind
        return left
