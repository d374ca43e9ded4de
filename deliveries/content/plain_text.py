"""A text part made from the HTML: what it says, with each link's address behind its words (reference 5.4)."""

import re
from typing import Final

from lxml import etree, html

# Markers are not HTML: they are put aside while it is read, and come back unchanged.
_MARKER: Final = re.compile(
    r"\$\{[^${}<>\r\n]{0,200}\}\$|<\{[^{}<>\r\n]{0,200}\}>|[%^]\{[^{}\r\n]{1,4000}\}[%^]|<%.{0,4000}?%>", re.DOTALL
)
_ASIDE: Final = re.compile("\ue000([0-9]{1,6})\ue001")
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EMPTY_LINES: Final = re.compile(r"(?:[ \t]*\n){3,}")
_LINE_END: Final = re.compile(r"[ \t]+$", re.MULTILINE)


def text_from_html(markup: str) -> str:
    """Return the text of an HTML part, markers unfilled; empty where it shows nothing."""
    from inscriptis.html_engine import Inscriptis  # noqa: PLC0415  5 MB in each process, and few ever ask
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415

    kept: list[str] = []

    def aside(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\ue000{len(kept) - 1}\ue001"

    readable = _NO_XML.sub("", _ASIDE.sub("", markup))
    tree = _tree(_MARKER.sub(aside, readable))
    if tree is None:
        return ""
    _say_links(tree)
    text = Inscriptis(tree, ParserConfig(display_images=False)).get_text()
    back = _ASIDE.sub(lambda match: kept[int(match[1])], text)
    return _EMPTY_LINES.sub("\n\n", _LINE_END.sub("", back)).strip() + "\n"


def _tree(markup: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, no_network=True)
    try:
        return html.document_fromstring(markup.encode("utf-8"), parser=parser)
    except etree.ParserError:  # nothing is written there
        return None


def _say_links(tree: html.HtmlElement) -> None:
    """Put the words of images in their places, and behind a link's words where it leads."""
    for image in tree.iter("img"):
        image.tail = (image.get("alt") or "") + (image.tail or "")
    for link in tree.iter("a"):
        address = (link.get("href") or "").strip()
        words = "".join(link.itertext()).strip()
        shown = address.partition("?")[0][7:] if address.lower().startswith("mailto:") else address
        if not shown or shown.startswith("#") or shown == words:
            continue
        last = link[-1] if len(link) else None
        said = f" ({shown})" if words else shown
        if last is None:
            link.text = (link.text or "").rstrip() + said
        else:
            last.tail = (last.tail or "").rstrip() + said
