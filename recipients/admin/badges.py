"""How states, names and times look everywhere; a state has an icon and a word: colour alone says nothing."""

import re
from datetime import datetime
from typing import Final

from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_stubs_ext import StrOrPromise

_MAY_BREAK: Final = SafeString("<wbr>")
_JOINTS: Final = re.compile(r"(?<=[._-])(?=[^._-])")


def state(tone: str, icon: str, word: StrOrPromise) -> SafeString:
    """Return the label of a state; tone is good, busy, wait, bad or calm."""
    return format_html(
        '<span class="xd-state xd-{}">'
        '<span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        tone,
        icon,
        word,
    )


def name(text: str) -> SafeString:
    """Return a name for a list: of a long one the first lines, the whole where the mouse rests.

    A file's name may go on in the next line behind its dots and strokes, not within a word.
    """
    parts = format_html_join(_MAY_BREAK, "{}", ((part,) for part in _JOINTS.split(text[:120])))
    return format_html('<span class="xd-name" title="{}">{}</span>', text, parts)


def grouped(value: int) -> str:
    """Return a whole number grouped as the reader's language does."""
    return str(formats.number_format(value, force_grouping=True))


def moment(when: datetime | None) -> SafeString | str:
    """Return a moment for a list, the day above the hour."""
    if when is None:
        return "—"
    here = timezone.localtime(when)
    day, hour = formats.date_format(here, "DATE_FORMAT"), formats.date_format(here, "TIME_FORMAT")
    return format_html('<span class="xd-when">{} <br>{}</span>', day, hour)
