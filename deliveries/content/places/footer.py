"""The unsubscribe line of a marketing part that was written without one (reference 8)."""

from typing import Final

from deliveries.content.markers.expressions import FieldValue
from deliveries.content.places import escapes
from deliveries.content.places.pieces import Piece, Slot

UNSUBSCRIBE: Final = "unsubscribe_url"
_URL: Final = FieldValue(UNSUBSCRIBE)
# The Italian names nobody as tu or Lei, as the page that the link leads to.
_WORDS: Final = {
    "it": (
        "Per non ricevere pi&ugrave; questi messaggi si pu&ograve;",
        "annullare l'iscrizione",
        "Per annullare l'iscrizione:",
    ),
    "en": ("No longer wish to receive these messages?", "Unsubscribe", "To unsubscribe:"),
}
# Said twice: by what Outlook knows (bgcolor, font, u), and inline with !important, which no template's style sheet
# overrides. #222222 on #ffffff is a contrast of 15.9, #0a4b8f one of 8.8 (WCAG 2.2, 1.4.3 asks for 4.5).
_FONT: Final = "font:13px/20px Arial,sans-serif!important;text-indent:0!important;position:static!important;"
_TABLE: Final = (
    "position:static!important;float:none!important;clear:both!important;width:100%!important;"
    "margin:0!important;background:#ffffff!important;border:0!important"
)
_CELL: Final = (
    f"{_FONT}padding:12px 16px!important;text-align:center!important;color:#222222!important;"
    "background:#ffffff!important;border:0!important"
)
_LINK: Final = (
    f"{_FONT}display:inline!important;float:none!important;visibility:visible!important;opacity:1!important;"
    "padding:0!important;border:0!important;color:#0a4b8f!important;background:#ffffff!important;"
    "text-decoration:underline!important"
)


def _words(language: str) -> tuple[str, str, str]:
    return _WORDS.get(language[:2].lower(), _WORDS["en"])


def html_line(language: str) -> tuple[Piece, ...]:
    """Return the line for HTML, in ASCII so that every charset has it."""
    question, link, _ = _words(language)
    begin = (
        '<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" bgcolor="#ffffff"'
        f' style="{_TABLE}"><tr><td align="center" bgcolor="#ffffff" style="{_CELL}">{question} <a href="'
    )
    end = f'" style="{_LINK}"><font color="#0a4b8f"><u>{link}</u></font></a></td></tr></table>'
    return begin, Slot(_URL, escapes.address_in_html), end


def text_line(language: str) -> tuple[Piece, ...]:
    """Return the line for plain text."""
    return f"\n\n{_words(language)[2]} ", Slot(_URL, escapes.as_is), "\n"
