"""How markers of fetched files are written (reference 2.6): the one place that knows it.

What holds a colon, a slash or a dot, or begins with a marker, is meant as an address and checked as one; other text
between such signs stays as it is.
"""

import html
import re
from functools import lru_cache
from typing import Final

_ENDS: Final = re.compile("(?:@\\(|\\^\\(|@\\{|(?:<|&lt;)@)(.*)(?:\\)@|\\)\\^|\\}@|@(?:>|&gt;))", re.DOTALL)
_FIELD: Final = r"\$\{[^${}<>\r\n]{0,200}\}\$"


def expression(*, unescape: bool) -> str:
    """Return the regular expression of every fetch marker, without groups."""
    less, more = ("(?:<|&lt;)", "(?:>|&gt;)") if unescape else ("<", ">")
    label = rf"{less}\{{[^{{}}<>\r\n]{{1,200}}\}}{more}"
    begin = rf"\s{{0,9}}(?=[^\s(){{}}<>@^]{{0,200}}[:/.]|{less}\{{|\$\{{)"
    end = r"\s{0,9}"
    plain = rf"(?:{label}|[^()\s]){{1,2000}}"
    braced = rf"(?:{_FIELD}|{label}|[^{{}}\s]){{1,2000}}"
    angled = rf"(?:{label}|(?!&[lg]t;)[^<>\s]){{1,2000}}"
    kinds = (
        rf"@\({begin}{plain}{end}\)@",
        rf"\^\({begin}{plain}{end}\)\^",
        rf"@\{{{begin}{braced}{end}\}}@",
        rf"{less}@{begin}{angled}{end}@{more}",
    )
    return "|".join(kinds)


@lru_cache(maxsize=2)
def pattern(*, unescape: bool) -> re.Pattern[str]:
    """Return what finds fetch markers."""
    return re.compile(expression(unescape=unescape))


def is_image(marker: str) -> bool:
    """Return whether it is an image to embed, not a content to include."""
    return marker.startswith(("@(", "^("))


def target(marker: str, *, unescape: bool) -> str:
    """Return the address between the delimiters; its entities are read where `unescape` says so."""
    found = _ENDS.fullmatch(marker)
    inside = found[1].strip() if found else ""
    return html.unescape(inside) if unescape else inside
