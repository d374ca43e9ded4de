"""Quoted-printable in segments: literals are encoded once, per person only values are (RFC 2045 6.7).

Every segment begins at the start of a line and ends with a line break, a soft one where the text has none,
so segments join in any order and no line grows past 76 characters.
"""

import binascii
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from operator import itemgetter, mul
from typing import Final

from deliveries import charsets
from deliveries.content.markers.expressions import FieldValue
from deliveries.content.markers.values import Scope
from deliveries.content.mime.skeleton import Hole
from deliveries.content.places.pieces import Fork, Page, Piece, Show, Slot, Tracked

_BREAK: Final = re.compile("\r\n?")
_SHORT: Final = 75  # a line of 76 but for the = of its soft break (RFC 2045 6.7)
_SOFT: Final = b"=\r\n"
_HOLE: Final = b"%b"
_LARGE: Final = 4096  # bytes, which are put in as values are: there may be several formats, and files of 10 MB
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
    if len(text) <= _SHORT and _ONE_LINE.fullmatch(text) is not None:  # nearly all values
        return f"{text}=\r\n".encode("ascii")
    if not text:
        return b""
    if len(text) <= 4 * _SHORT and text.isascii() and text.isprintable():  # addresses
        lines = _soft_lines(text)
        if "\n." not in lines and lines[0] != ".":
            return lines.encode("ascii")
    plain = _BREAK.sub("\n", text) if "\r" in text else text
    # With a letter behind it, as what follows on its last line is the = of a soft break.
    quoted = binascii.b2a_qp(charsets.encoded(plain, charset, errors) + b"x", istext=True)[:-1]
    if b"\n" not in quoted and not quoted.startswith(b"."):  # one line, most of the other values
        return quoted + _SOFT
    written = quoted.replace(b"\n", b"\r\n")
    if b"\n." in written or written.startswith(b"."):
        written = _DOTS.sub(_hidden_dots, written)
    return written if written.endswith(b"\r\n") else written + b"=\r\n"


def _soft_lines(text: str) -> str:
    """Return printable ASCII in lines with soft breaks, none of them within an escape."""
    left = text.replace("=", "=3D")
    lines = []
    while len(left) > _SHORT:
        end = left.find("=", _SHORT - 2, _SHORT)
        end = _SHORT if end < 0 else end
        lines.append(left[:end])
        left = left[end:]
    return "=\r\n".join([*lines, left, ""])


def _encode_all(texts: list[str], charset: str, errors: str) -> list[bytes]:
    """Return each text as encode does, made together where each is one line: calls cost more than what they do."""
    if not texts:
        return []
    together = "\n".join(texts)
    framed = f"\n{together}\n"
    # What encode looks at twice; a regular expression would take ten times as long.
    if not ("\r" in framed or "\n." in framed or " \n" in framed or "\t\n" in framed):
        quoted = binascii.b2a_qp(charsets.encoded(together, charset, errors), istext=True)
        lines = quoted.replace(b"\n", _SOFT + b"\0").split(b"\0")
        lines[-1] += _SOFT
        if len(lines) == len(texts) and max(map(len, lines)) <= _SHORT + len(_SOFT):
            return lines if "\n\n" not in framed else [b"" if line == _SOFT else line for line in lines]
    return [encode(text, charset, errors) for text in texts]


Place = Piece | bytes | Hole


class Program:
    """Text ready for one charset: a format of literals that stand encoded, and what is put into it for a person.

    Bytes are written as they are; holes are filled by whoever runs it, in the order of `holes`. What is put in
    is made in this order: values of fields, other slots, holes, forks, large bytes, links.
    """

    __slots__ = (
        *("_arranged", "_charset", "_errors", "_fields", "_forks", "_formats", "_large", "_links", "_numbers"),
        *("_others", "_parts", "_uses"),
    )

    def __init__(self, places: Sequence[Place], charset: str, holes: Sequence[Hole] = ()) -> None:
        self._charset = charset
        self._errors = "replace" if charset == "utf-8" else "strict"
        slots = (place for place in places if isinstance(place, Slot | Page | Tracked))
        uses = Counter(slot for slot in slots if not _is_plain(slot))
        fields = {slot: field for slot in uses if (field := _field(slot)) is not None}
        self._fields = list(fields.values())
        self._others = [slot for slot in uses if slot not in fields]
        forks = [place for place in places if isinstance(place, Fork)]
        self._forks = [(fork, tuple(Program(inner, charset) for _, inner in fork.branches)) for fork in forks]
        self._large = [place for place in places if isinstance(place, bytes) and len(place) > _LARGE]
        self._links = [place for place in places if isinstance(place, Tracked) and _is_plain(place)]
        self._numbers = tuple(link.number for link in self._links)
        order = (*fields, *self._others)
        self._uses = [uses[slot] for slot in order]
        self._formats: dict[str, bytes] = {}
        self._parts: list[bytes | None] = []
        self._arranged = self._laid_out(places, (*order, *holes))

    def _laid_out(
        self, places: Sequence[Place], first: Sequence[Slot | Page | Tracked | Hole]
    ) -> Callable[[list[bytes]], tuple[bytes, ...]]:
        """Write the parts of the format; return what brings what is made into the order of its places."""
        numbers = {place: number for number, place in enumerate(first)}
        forks = count(len(first))
        large = count(len(first) + len(self._forks))
        links = count(len(first) + len(self._forks) + len(self._large))
        order: list[int] = []
        for place in places:
            part: bytes | None = _HOLE
            number: int | None = None
            if isinstance(place, str):
                part = _literal(encode(place, self._charset, self._errors))
            elif isinstance(place, bytes) and len(place) <= _LARGE:
                part = _literal(place)
            elif isinstance(place, bytes):
                number = next(large)
            elif isinstance(place, Fork):
                number = next(forks)
            elif isinstance(place, Tracked) and _is_plain(place):
                part, number = None, next(links)
            else:
                number = numbers[place]
            self._parts.append(part)
            if number is not None:
                order.append(number)
        return itemgetter(*order) if len(order) > 1 else lambda made: tuple(made[number] for number in order)

    def run(self, scope: Scope, holes: Sequence[bytes] = ()) -> bytes:
        """Return the text for one person.

        Raises UnicodeEncodeError where the charset lacks a character, ComposeError where it grows out of bounds.
        """
        made = self._values(scope)
        made += holes
        for fork, branches in self._forks:
            picked = fork.pick(scope)
            made.append(b"" if picked is None else branches[picked].run(scope))
        made += self._large
        before = self._put_links(made, scope) if self._links else ""
        return (self._formats.get(before) or self._format(before)) % self._arranged(made)

    def _values(self, scope: Scope) -> list[bytes]:
        """Return what all slots show, short values of fields made together."""
        printed, typed, uses = scope.text, scope.values, self._uses
        texts: list[str] = []
        long: dict[int, bytes] = {}
        for name, show in self._fields:
            value = typed.get(name)
            text = show(value if type(value) is str else printed(name))
            if len(text) > _SHORT:
                long[len(texts)] = self._encoded(text, scope, uses[len(texts)])
                text = ""
            texts.append(text)
        made = _encode_all(texts, self._charset, self._errors)
        scope.spend(sum(map(mul, map(len, made), uses)))
        for number, data in long.items():
            made[number] = data
        for slot in self._others:
            made.append(self._encoded(slot.render(scope), scope, uses[len(made)]))
        return made

    def _encoded(self, text: str, scope: Scope, uses: int) -> bytes:
        data = encode(text, self._charset, self._errors)
        scope.spend(len(data) * uses)
        return data

    def _put_links(self, made: list[bytes], scope: Scope) -> str:
        """Add the links that lead everybody to the same place; return what stands before each in the format."""
        click = scope.click
        if click is None:
            addresses = [link.render(scope) for link in self._links]
        else:
            tokens = click.many(self._numbers)
            if len(click.before) + max(map(len, tokens)) <= _SHORT and _ONE_LINE.fullmatch(click.before):
                made += tokens
                return click.before
            addresses = [click.before + token.decode("ascii") for token in tokens]
        made += [encode(address, self._charset, self._errors) for address in addresses]
        return ""

    def _format(self, before: str) -> bytes:
        """Return the format where links have this before them, and a soft break behind; nothing for none."""
        link = before.replace("%", "%%").encode("ascii") + _HOLE + _SOFT if before else _HOLE
        return self._formats.setdefault(before, b"".join(link if part is None else part for part in self._parts))


def _literal(data: bytes) -> bytes:
    """Return what stands for itself in a format."""
    return data.replace(b"%", b"%%")


def _is_plain(piece: Slot | Page | Tracked) -> bool:
    """Return whether it's a link that leads everybody to the same place, in quotes of its own."""
    return isinstance(piece, Tracked) and piece.target is None and not piece.quote


def _field(slot: Slot | Page | Tracked) -> tuple[str, Show] | None:
    """Return what a slot shows of which field, as most do nothing else. The pixel is long, and no field's name."""
    if isinstance(slot, Slot) and isinstance(slot.what, FieldValue) and slot.what.name.isprintable():
        return slot.what.name, slot.show
    return None
