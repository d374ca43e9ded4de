"""The unsubscribe line of a marketing mail that was written without one (reference 8)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from deliveries.content.markers.expressions import FieldValue
from deliveries.content.places import escapes
from deliveries.content.places.pieces import Fork, Page, Piece, Slot, prints

_URL: Final = FieldValue("unsubscribe_url")
_WORDS: Final = {
    "it": ("Non vuole pi&ugrave; ricevere questi messaggi?", "Annulli l'iscrizione", "Per annullare l'iscrizione:"),
    "en": ("No longer wish to receive these messages?", "Unsubscribe", "To unsubscribe:"),
}
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)


def _words(language: str) -> tuple[str, str, str]:
    return _WORDS.get(language[:2].lower(), _WORDS["en"])


def is_missing(*parts: Sequence[Piece]) -> bool:
    """Tell whether no part, as written, prints the address; subject, names and conditions don't count."""
    return not any(prints(pieces, _URL.name) for pieces in parts)


def html_line(language: str) -> tuple[Piece, ...]:
    """Return the line for HTML, in ASCII so that every charset has it."""
    question, link, _ = _words(language)
    return (
        f'<p style="font-size:12px;color:#666666;text-align:center">{question} <a href="',
        Slot(_URL, escapes.address_in_html),
        f'">{link}</a></p>',
    )


def text_line(language: str) -> tuple[Piece, ...]:
    """Return the line for plain text."""
    return f"\n\n{_words(language)[2]} ", Slot(_URL, escapes.as_is), "\n"


def with_html_line(pieces: Sequence[Piece], language: str) -> tuple[Piece, ...]:
    """Put the line before the last </body> as written, else into the page that a field holds, else at the end."""
    line = html_line(language)
    placed = _before_body_end(pieces, line)
    if placed is not None:
        return placed
    solid = [index for index, piece in enumerate(pieces) if not isinstance(piece, str) or piece.strip()]
    last = pieces[solid[-1]] if solid else None
    if isinstance(last, Page):
        return (*pieces[: solid[-1]], replace(last, footer=line), *pieces[solid[-1] + 1 :])
    return (*pieces, *line)


def _before_body_end(pieces: Sequence[Piece], line: tuple[Piece, ...]) -> tuple[Piece, ...] | None:
    """Put the line before the last </body>; where that stands in branches, into each of them."""
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        put: tuple[Piece, ...] | None = None
        if isinstance(piece, str):
            found = [match.start() for match in _BODY_END.finditer(piece)]
            put = (piece[: found[-1]], *line, piece[found[-1] :]) if found else None
        elif isinstance(piece, Fork):
            put = _in_each_branch(piece, line)
        if put is not None:
            return (*pieces[:index], *put, *pieces[index + 1 :])
    return None


def _in_each_branch(fork: Fork, line: tuple[Piece, ...]) -> tuple[Piece, ...] | None:
    tried = [(when, inner, _before_body_end(inner, line)) for when, inner in fork.branches]
    if all(placed is None for _, _, placed in tried):
        return None
    branches = [(when, placed if placed is not None else (*inner, *line)) for when, inner, placed in tried]
    if branches[-1][0] is not None:
        branches.append((None, line))  # where no branch holds, the line stands alone
    return (Fork(tuple(branches)),)
