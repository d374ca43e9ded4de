"""The unsubscribe line of a marketing mail that was written without one (reference 8)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from deliveries.content import escapes
from deliveries.content.expressions import FieldValue
from deliveries.content.pieces import Page, Piece, Slot

_URL: Final = FieldValue("unsubscribe_url")
_WORDS: Final = {
    "it": ("Non vuole pi&ugrave; ricevere questi messaggi?", "Annulli l'iscrizione", "Per annullare l'iscrizione:"),
    "en": ("No longer wish to receive these messages?", "Unsubscribe", "To unsubscribe:"),
}
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)


def _words(language: str) -> tuple[str, str, str]:
    return _WORDS.get(language[:2].lower(), _WORDS["en"])


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
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        if isinstance(piece, str):
            found = [match.start() for match in _BODY_END.finditer(piece)]
            if found:
                at = found[-1]
                return (*pieces[:index], piece[:at], *line, piece[at:], *pieces[index + 1 :])
    solid = [index for index, piece in enumerate(pieces) if not isinstance(piece, str) or piece.strip()]
    last = pieces[solid[-1]] if solid else None
    if isinstance(last, Page):
        return (*pieces[: solid[-1]], replace(last, footer=line), *pieces[solid[-1] + 1 :])
    return (*pieces, *line)
