"""How markers of fetched files are written (reference 2.6): the one place that knows it."""

import html
import re
from functools import lru_cache
from typing import Final

_IMAGES: Final = (
    r"@\((?:https?://|{less}\{{)[^()\s]{{1,2000}}\)@|\^\((?:https?://|{less}\{{|\$\{{)[^()\s]{{1,2000}}\)\^"
)
_CONTENTS: Final = (
    r"@\{{https?://[^{{}}\s]{{1,2000}}\}}@"
    r"|{less}@https?://(?:{less}\{{[^{{}}<>\r\n]{{1,200}}\}}{more}|(?!&[lg]t;)[^<>\s]){{1,2000}}@{more}"
)
_ENDS: Final = re.compile("(?:@\\(|\\^\\(|@\\{|(?:<|&lt;)@)(.*)(?:\\)@|\\)\\^|\\}@|@(?:>|&gt;))", re.DOTALL)


def expression(*, unescape: bool) -> str:
    """Return the regular expression of every fetch marker, without groups."""
    less, more = ("(?:<|&lt;)", "(?:>|&gt;)") if unescape else ("<", ">")
    return f"{_IMAGES}|{_CONTENTS}".format(less=less, more=more)


@lru_cache(maxsize=2)
def pattern(*, unescape: bool) -> re.Pattern[str]:
    """Return what finds fetch markers."""
    return re.compile(expression(unescape=unescape))


def is_image(marker: str) -> bool:
    """Tell an image to embed from a content to include."""
    return marker.startswith(("@(", "^("))


def target(marker: str, *, unescape: bool) -> str:
    """Return the address between the delimiters; its entities are read where `unescape` says so."""
    found = _ENDS.fullmatch(marker)
    inside = found[1] if found else ""
    return html.unescape(inside) if unescape else inside
