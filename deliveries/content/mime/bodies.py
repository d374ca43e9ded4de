"""A message in one charset: how each part is transferred, and the tree around them (RFC 2045)."""

from collections.abc import Iterable, Sequence
from typing import Self

from deliveries.content.markers.values import Scope
from deliveries.content.mime.quoted import Place, Program
from deliveries.content.mime.sixty_four import Program64, is_shorter
from deliveries.content.mime.skeleton import Hole, build
from deliveries.content.places.pieces import Piece
from deliveries.content.source import Part

Pieces = tuple[Piece, ...]


class Bodies:
    """All of a message but its headers' values: one program, whose holes parts in base64 fill.

    Parts in quoted-printable stand in it themselves, so that what they have in common is made once.
    """

    __slots__ = ("_apart", "_program", "charset")

    def __init__(self, charset: str, program: Program, apart: Sequence[Program64]) -> None:
        self.charset = charset
        self._program = program
        self._apart = apart

    @classmethod
    def of(cls, charset: str, text: Pieces, html: Pieces, parts: Sequence[Part]) -> Self:
        """Return the bodies in a charset; raises UnicodeEncodeError where what everybody reads is not in it."""
        pieces = {Hole.TEXT: text, Hole.HTML: html}
        ways = {hole: _encoding(part, charset) for hole, part in pieces.items()}
        apart = [hole for hole, way in ways.items() if way == "base64"]
        places: list[Place] = [Hole.HEADERS]
        for place in build(charset, tuple(parts), text=ways[Hole.TEXT], html=ways[Hole.HTML]):
            if isinstance(place, Hole) and place in pieces and place not in apart:
                places += pieces[place]
            else:
                places.append(place)
        program = Program(places, charset, (Hole.HEADERS, Hole.BOUNDARY, *apart))
        return cls(charset, program, [Program64(pieces[hole], charset) for hole in apart])

    def run(self, scope: Scope, headers: Iterable[bytes], boundary: bytes) -> bytes:
        """Return one person's message; raises UnicodeEncodeError where a value is not in the charset."""
        return self._program.run(scope, [b"".join(headers), boundary, *[part.run(scope) for part in self._apart]])


def _encoding(pieces: Pieces, charset: str) -> str:
    """Return how a part is transferred: in what is shorter for what everybody reads. Nothing for no part."""
    if not pieces:
        return ""
    return "base64" if is_shorter(pieces, charset) else "quoted-printable"
