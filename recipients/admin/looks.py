"""How a state looks everywhere: an icon and a word, so that colour alone says nothing."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_stubs_ext import StrOrPromise


def state(tone: str, icon: str, word: StrOrPromise) -> SafeString:
    """Return the label of a state; tone is good, busy, wait, bad or calm."""
    return format_html(
        '<span class="xd-state xd-{}">'
        '<span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        tone,
        icon,
        word,
    )
