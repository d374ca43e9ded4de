"""The bodies of a message for one charset: how each part is transferred, and the tree around them (RFC 2045)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from deliveries.content.markers.values import Scope
from deliveries.content.mime.quoted import Program
from deliveries.content.mime.sixty_four import Program64, is_shorter
from deliveries.content.mime.skeleton import Hole, build
from deliveries.content.places.pieces import Piece
from deliveries.content.source import Part

Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Bodies:
    """The programs of both parts, and the bytes of the tree around them with a hole for each."""

    charset: str
    text: Program | Program64
    html: Program | Program64
    tree: list[bytes]
    text_at: tuple[int, ...]
    html_at: tuple[int, ...]
    boundary_at: tuple[int, ...]

    @classmethod
    def of(cls, charset: str, text: Pieces, html: Pieces, parts: Sequence[Part]) -> Self:
        """Return the bodies in a charset; raises UnicodeEncodeError where what everybody reads is not in it."""
        ways = {"text": _encoding(text, charset), "html": _encoding(html, charset)}
        tree = build(charset, tuple(parts), **ways)
        literal = [b"" if isinstance(piece, Hole) else piece for piece in tree]
        holes = [
            tuple(index for index, piece in enumerate(tree) if piece is hole)
            for hole in (Hole.TEXT, Hole.HTML, Hole.BOUNDARY)
        ]
        programs = _program(ways["text"], text, charset), _program(ways["html"], html, charset)
        return cls(charset, *programs, literal, *holes)

    def run(self, scope: Scope, boundary: bytes) -> list[bytes]:
        """Return one person's bytes in pieces; raises UnicodeEncodeError where a value is not in the charset."""
        tree = self.tree.copy()
        for index in self.text_at:
            tree[index] = self.text.run(scope)
        for index in self.html_at:
            tree[index] = self.html.run(scope)
        for index in self.boundary_at:
            tree[index] = boundary
        return tree


def _encoding(pieces: Pieces, charset: str) -> str:
    """Return how a part is transferred: in what is shorter for what everybody reads. Nothing for no part."""
    if not pieces:
        return ""
    return "base64" if is_shorter(pieces, charset) else "quoted-printable"


def _program(encoding: str, pieces: Pieces, charset: str) -> Program | Program64:
    return Program64(pieces, charset) if encoding == "base64" else Program(pieces, charset)
