"""The HTML of a message from a file, whose kind is told by its content: a picture's bytes are not a message."""

import codecs
from typing import Any, Final

from django.utils.translation import gettext as _

from deliveries.errors import ClientError
from recipients import file_kinds

_MOST: Final = 5 * 1024**2  # bytes, as a part of a bundle may have
_MARKS_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def html_of(file: Any) -> str:
    """Return the HTML of an upload, in UTF-8, in UTF-16 with its mark, or as Windows writes it.

    Raises ClientError NO_FILE, HTML_TOO_BIG or HTML_KIND.
    """
    if file is None:
        raise ClientError("NO_FILE", _("Choose an HTML file."))
    if file.size > _MOST:
        raise ClientError("HTML_TOO_BIG", _("This file is over 5 MB: no reader would load it."))
    content = file.read()
    found = file_kinds.kind_of(content)
    text = _text(content)
    if found is None and "\0" in text:
        found = file_kinds.no_text()
    if found is not None and found.key not in {file_kinds.HTML, file_kinds.XML}:  # XHTML begins as an XML
        said = _("This file is %(found)s by its content: choose an HTML file.")
        raise ClientError("HTML_KIND", said % {"found": found.say()})
    return text


def _text(content: bytes) -> str:
    if content.startswith(_MARKS_16):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
