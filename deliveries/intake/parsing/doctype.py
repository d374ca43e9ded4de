"""A DOCTYPE before the root: whether there is one, and in which line, also where an encoding hides it."""

import codecs
import contextlib
import re
from collections.abc import Callable
from typing import Any, Final

from lxml import etree

_DECLARED: Final = re.compile(r"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BEFORE_IT: Final = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)  # possessive: nothing to go back to
_WIDE: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LINE_END: Final = re.compile("\r\n?|\n")


class _Prolog:
    """Sees whether a document type comes before the root, and stops there."""

    found = False

    def doctype(self, *_names: object) -> None:
        self.found = True
        raise StopIteration

    def start(self, *_element: object) -> None:
        raise StopIteration

    def close(self) -> None: ...


def stands_in(data: bytes, parser: Callable[[Any], Any]) -> bool:
    """Tell whether a parser meets a DOCTYPE, in whatever encoding; `parser` makes one for a target."""
    prolog = _Prolog()
    with contextlib.suppress(StopIteration, etree.XMLSyntaxError):
        etree.fromstring(data, parser(prolog))
    return prolog.found


def line(data: bytes) -> int:
    """Return the line in which a DOCTYPE that is there begins, 1 where its encoding can't be undone."""
    text = data.decode(_codec(data), "replace").removeprefix("\ufeff")
    before = _BEFORE_IT.match(text)
    at = before.end() if before else 0
    return len(_LINE_END.findall(text, 0, at)) + 1 if text.startswith("<!DOCTYPE", at) else 1


def _codec(data: bytes) -> str:
    for mark, name in _WIDE:
        if data.startswith(mark):
            return name
    declared = _DECLARED.search(data[:300].decode("latin-1"))
    with contextlib.suppress(LookupError):
        return codecs.lookup(declared[1] if declared else "utf-8").name
    return "latin-1"
