"""Quoted-printable in segments: literals are encoded once, per person only values are (RFC 2045 6.7).

Every segment begins at the start of a line and ends with a line break, a soft one where the text has none,
so segments join in any order and no line grows past 76 characters.
"""

import binascii
import re
from collections.abc import Iterable, Sequence
from typing import Final

from deliveries import charsets
from deliveries.content.markers.expressions import FieldValue
from deliveries.content.markers.values import Scope
from deliveries.content.places.pieces import Fork, Page, Piece, Show, Slot, Tracked

_BREAK: Final = re.compile("\r\n?")
_SHORT: Final = 75  # a line of 76 but for the = of its soft break (RFC 2045 6.7)
_SOFT: Final = b"=\r\n"
# What may be on one line as it is: printable ASCII without `=`, and no dot at its beginning.
_ONE_LINE: Final = re.compile(rf"(?!\.)[ -<>-~]{{1,{_SHORT}}}")
_DOTS: Final = re.compile(rb"^\.+", re.MULTILINE)


def _hidden_dots(dots: re.Match[bytes]) -> bytes:
    """Return dots at the start of a line as they need no stuffing (RFC 5321 4.5.2): each encoded, a line each.

    So no line of a message begins with a dot, and sending it needs no second look at all of it.
    """
    return b"=2E=\r\n" * len(dots[0])


def encode(text: str, charset: str, errors: str = "strict") -> bytes:
    """Return one segment; empty for no text. Raises UnicodeEncodeError where the charset lacks a character."""
    if _ONE_LINE.fullmatch(text) is not None:  # nearly all values
        return f"{text}=\r\n".encode("ascii")
    if not text:
        return b""
    if len(text) <= 4 * _SHORT and text.isascii() and "=" not in text and text.isprintable():
        lines = "=\r\n".join([text[at : at + _SHORT] for at in range(0, len(text), _SHORT)])
        if "\n." not in lines and text[0] != ".":
            return f"{lines}=\r\n".encode("ascii")
    plain = _BREAK.sub("\n", text) if "\r" in text else text
    quoted = binascii.b2a_qp(charsets.encoded(plain, charset, errors), quotetabs=False, istext=True)
    if b"\n" not in quoted and not quoted.startswith(b"."):  # one line, most of the other values
        return quoted + _SOFT
    written = quoted.replace(b"\n", b"\r\n")
    if b"\n." in written or written.startswith(b"."):
        written = _DOTS.sub(_hidden_dots, written)
    return written if written.endswith(b"\r\n") else written + b"=\r\n"


def _encode_all(texts: list[str], charset: str, errors: str) -> list[bytes]:
    """Return each text as encode does, made together where each is one line: calls cost more than what they do."""
    together = "\n".join(texts)
    if "\r" not in together and "\n." not in together and not together.startswith("."):
        lines = binascii.b2a_qp(charsets.encoded(together, charset, errors), istext=True).split(b"\n")
        if len(lines) == len(texts) and max(map(len, lines)) <= _SHORT:
            return [line + _SOFT if line else b"" for line in lines]
    return [encode(text, charset, errors) for text in texts]


class Program:
    """A part ready for one charset: literals are encoded, slots and forks are filled for each person."""

    __slots__ = ("_charset", "_errors", "_forks", "_links", "_shown", "_template")

    def __init__(self, pieces: Sequence[Piece], charset: str) -> None:
        self._charset = charset
        self._errors = "replace" if charset == "utf-8" else "strict"
        self._template: list[bytes] = []
        self._forks: list[tuple[int, Fork, tuple[Program, ...]]] = []
        links: list[tuple[int, Tracked]] = []
        places: dict[Slot | Page | Tracked, list[int]] = {}
        for piece in pieces:
            index = len(self._template)
            self._template.append(encode(piece, charset, self._errors) if isinstance(piece, str) else b"")
            if isinstance(piece, Fork):
                inner = tuple(Program(branch, charset) for _, branch in piece.branches)
                self._forks.append((index, piece, inner))
            elif isinstance(piece, Tracked) and piece.target is None and not piece.quote:
                links.append((index, piece))
                self._template += (b"", b"")  # see _Links
            elif not isinstance(piece, str):
                places.setdefault(piece, []).append(index)
        self._shown = [(_field(slot), slot, tuple(where)) for slot, where in places.items()]
        self._links = _Links(self._template, links, charset, self._errors) if links else None

    def run(self, scope: Scope) -> bytes:
        """Return the part for one person.

        Raises UnicodeEncodeError where the charset lacks a character, ComposeError where it grows out of bounds.
        """
        out = self._template.copy() if self._links is None else self._links.filled(scope)
        self._show(out, scope)
        for index, fork, branches in self._forks:
            picked = fork.pick(scope)
            if picked is not None:
                out[index] = branches[picked].run(scope)
        return b"".join(out)

    def _show(self, out: list[bytes], scope: Scope) -> None:
        """Put each value in its places, those that may be one line together."""
        charset, errors, printed = self._charset, self._errors, scope.text
        texts: list[str] = []
        homes: list[tuple[int, ...]] = []
        spent = 0
        for field, slot, places in self._shown:
            text = slot.render(scope) if field is None else field[1](printed(field[0]))
            if len(text) <= _SHORT:
                texts.append(text)
                homes.append(places)
                continue
            data = encode(text, charset, errors)
            scope.spend(len(data) * len(places))
            for index in places:
                out[index] = data
        for places, data in zip(homes, _encode_all(texts, charset, errors) if texts else (), strict=True):
            for index in places:
                out[index] = data
            spent += len(data) * len(places)
        scope.spend(spent)


def _field(slot: Slot | Page | Tracked) -> tuple[str, Show] | None:
    """Return what a slot shows of which field, as most do nothing else: it spares each of them two calls."""
    if isinstance(slot, Slot) and isinstance(slot.what, FieldValue):
        return slot.what.name, slot.show
    return None


class _Links:
    """The links of a part that lead everybody to the same place: where they are tracked they are made together.

    Each has three places in the template: what all addresses begin with and a soft break stand there already.
    """

    __slots__ = ("_charset", "_errors", "_links", "_numbers", "_places", "_template", "_tracked")

    def __init__(
        self, template: list[bytes], links: Sequence[tuple[int, Tracked]], charset: str, errors: str
    ) -> None:
        self._template = template
        self._charset = charset
        self._errors = errors
        self._links = links
        self._places = [index + 1 for index, _ in links]
        self._numbers = tuple(link.number for _, link in links)
        self._tracked: dict[str, list[bytes]] = {}  # the template, by what addresses begin with

    def filled(self, scope: Scope) -> list[bytes]:
        """Return a copy of the template with each address in its place."""
        click = scope.click
        if click is None:
            return self._written(link.render(scope) for _, link in self._links)
        tokens = click.many(self._numbers)
        if len(click.before) + max(map(len, tokens)) > _SHORT or not _ONE_LINE.fullmatch(click.before):
            return self._written(click.before + token.decode("ascii") for token in tokens)
        out = (self._tracked.get(click.before) or self._begun(click.before)).copy()
        for index, token in zip(self._places, tokens, strict=True):
            out[index] = token
        return out

    def _begun(self, before: str) -> list[bytes]:
        template = self._template.copy()
        for index in self._places:
            template[index - 1], template[index + 1] = before.encode("ascii"), _SOFT
        return self._tracked.setdefault(before, template)

    def _written(self, addresses: Iterable[str]) -> list[bytes]:
        out = self._template.copy()
        for index, address in zip(self._places, addresses, strict=True):
            out[index] = encode(address, self._charset, self._errors)
        return out
