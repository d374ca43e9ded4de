"""What the scanner looks for in HTML, as browsers and Outlook read it, and what it tells (WHATWG HTML 13.2.5)."""

import re
from typing import Final

from deliveries.content.places.html_state import RAW_TAGS

LESS: Final = re.compile(r"<(?=[A-Za-z!?/]|\Z)")
# HTML's own blanks: \s has others too, which are part of a name or a value there.
BLANKS: Final = " \t\n\f\r"
TAG: Final = re.compile(rf"<(/?)([A-Za-z][^{BLANKS}/>]*)")
# A comment that Outlook reads (others don't), one that it skips and others read, and the end of either. What begins
# with a blank (`<!-- [if mso]>`) is a plain comment for everybody.
CONDITIONAL: Final = re.compile(
    r"(?P<others><!--\[if[^\]>]{0,200}\](?:--!?>|>\s{0,9}(?:<!-->|<!--->|-->))|<!\[if[^\]>]{0,200}\]>)"
    r"|(?P<outlook><!--\[if[^\]>]{0,200}\]>)"
    r"|(?P<end><!--<!\[endif\]--!?>|<!\[endif\](?:--!?)?>)",
    re.IGNORECASE,
)
EMPTY_COMMENT: Final = re.compile(r"<!---?>")
COMMENT_END: Final = re.compile(r"--!?>")
NAME: Final = re.compile(rf"[^{BLANKS}/>]*")
GAP: Final = re.compile(rf"[{BLANKS}/]*")
BLANK: Final = re.compile(rf"[{BLANKS}]*")
ATTRIBUTE: Final = re.compile(rf"=?[^{BLANKS}/>=]*")
UNQUOTED: Final = re.compile(rf"[^{BLANKS}>]*")
RAW_END: Final = {tag: re.compile(rf"</(?={tag}[{BLANKS}/>])", re.IGNORECASE) for tag in RAW_TAGS}


class Listener:
    """What is told of tags and attributes, each with its place in the chunk. Nothing is done here.

    An attribute begins with the blanks before it, its value after the quote; its end is the place after its last
    character, a quote too.
    """

    def tag_began(self, at: int) -> None:
        """Take the place of the `<` of a tag whose name is known."""

    def tag_ended(self) -> None:
        """Note that the tag is closed."""

    def attribute_began(self, at: int) -> None:
        """Take where an attribute begins."""

    def value_began(self, at: int) -> None:
        """Take where its value begins."""

    def attribute_ended(self, at: int) -> None:
        """Take where it ends."""
