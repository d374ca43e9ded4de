"""The end of a part: the unsubscribe line of one that was written without, the open pixel, and where they go.

They go where a browser finds the end of the page, so that every reader sees the line (reference 6, 8).
"""

from collections.abc import Sequence
from typing import Final

from deliveries.content.markers.expressions import FieldValue
from deliveries.content.places import escapes
from deliveries.content.places.links import BodyEnd, Draft, DraftFork
from deliveries.content.places.pieces import Piece, Slot

PIXEL_NAME: Final = "\x00pixel"  # no field has such a name
PIXEL: Final = Slot(FieldValue(PIXEL_NAME), escapes.as_is)
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


def pixel_tag(url: str, trap: str = "") -> str:
    """Return the pixel, nothing without an address.

    `trap` is an address that no reader sees or follows: who asks for it took every address out of the source.
    """
    if not url:
        return ""
    hidden = f' data-at="{trap}"' if trap else ""
    return (
        f'<img src="{url}"{hidden} width="1" height="1" alt="" border="0"'
        ' style="width:1px;height:1px;border:0;margin:0;padding:0">'
    )


def with_ending(drafts: Sequence[Draft], ending: Sequence[Draft]) -> list[Draft]:
    """Return the drafts with the ending before the last end of the body, else behind everything."""
    placed = _before_end(drafts, ending)
    return [*drafts, *ending] if placed is None else placed


def _before_end(drafts: Sequence[Draft], ending: Sequence[Draft]) -> list[Draft] | None:
    for index in range(len(drafts) - 1, -1, -1):
        draft = drafts[index]
        put: list[Draft] | None = None
        if isinstance(draft, BodyEnd):
            put = list(ending)
        elif isinstance(draft, DraftFork):
            fork = _in_each_branch(draft, ending)
            put = None if fork is None else [fork]
        if put is not None:
            return [*drafts[:index], *put, *drafts[index + 1 :]]
    return None


def _in_each_branch(fork: DraftFork, ending: Sequence[Draft]) -> DraftFork | None:
    """Put the ending into each branch, where one of them ends the body; and where no branch holds, alone."""
    tried = [(when, inner, _before_end(inner, ending)) for when, inner in fork.branches]
    if all(placed is None for _, _, placed in tried):
        return None
    branches = [(when, [*inner, *ending] if placed is None else placed) for when, inner, placed in tried]
    if branches[-1][0] is not None:
        branches.append((None, list(ending)))
    return DraftFork(branches)
