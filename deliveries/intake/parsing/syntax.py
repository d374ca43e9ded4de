"""What a parser complains of, in the client's words (reference 2)."""

import re
from typing import Any, Final

from deliveries.intake.mistakes import unreadable
from deliveries.intake.parsing import prolog
from recipients.faults import Fault

DEEPEST: Final = 32

# What the parser itself refuses because of size: its own limits come after ours.
_DEPTH_WORDS: Final = "Excessive depth"
_SIZE_WORDS: Final = ("too long", "too big", "Buffer size limit", "huge", "Resource limit", "exceed")
_ENCODING_WORDS: Final = ("encoding", "Invalid bytes", "Input is not proper")
_NUMBERED: Final = re.compile(r"(?:xmlChar|Char) (?:value )?(0x[0-9a-fA-F]+|\d+)")
# What XML 1.0 (2.2) does not have; half characters and NULs come here only where an encoding holds them.
_NO_CHARACTER: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What the parser says of the rest of an HTML that it then takes for markup.
_OF_HTML: Final = ("]]>", "mismatch", "not defined", "Ref", "element name")
_LINE_END: Final = re.compile("\r\n?|\n")
# A CDATA section that ends, and then goes on as if it had not.
_GOES_ON: Final = re.compile(r"\]\]>(?!\s*(?:<!\[CDATA\[|</|<!--|\Z))")


def explained(error: Any, data: bytes, name: str, encoding: str) -> Exception:
    """Return the parser's error as ours, with the place and what to do."""
    line, column = error.position or (0, 0)
    words = str(error.msg).replace("\n", " ").rsplit(", line ", 1)[0].strip()
    if _DEPTH_WORDS in words:
        return unreadable("XML_TOO_DEEP.parser", name, line, most=DEEPEST)
    if any(mark in words for mark in _ENCODING_WORDS) or (
        b"\0" in data[:4] and not data.startswith(tuple(prolog.BOMS_16))
    ):
        return not_as_declared(data, name, line, column)
    if any(mark in words for mark in _SIZE_WORDS) and "Name too long" not in words:
        return unreadable("XML_TOO_LARGE.text", name, line)
    text = data.decode(prolog.python_codec(encoding), "replace").removeprefix("\ufeff")
    found = _no_character(text, words, line, column) or _early_end(text, words, line)
    if found is not None:
        key, line, params = found
        return unreadable(key, name, line, **params)
    if words == "Unregistered error message":
        return unreadable("XML_SYNTAX.other", name, line, column=column)
    return unreadable("XML_SYNTAX", name, line, column=column, words=words[:160])


def _no_character(text: str, words: str, line: int, column: int) -> tuple[str, int, dict[str, Any]] | None:
    """Return the character that XML does not have, where the parser came no further than to it."""
    first = _NO_CHARACTER.search(text)
    if first is not None:
        at_line, at_column = _place(text, first.start())
        if at_line <= line:
            return "XML_SYNTAX.character", at_line, {"column": at_column, "character": f"U+{ord(first[0]):04X}"}
    written = _NUMBERED.search(words)
    if written is not None:  # as a reference: &#11;
        number = int(written[1], 0)
        return "XML_SYNTAX.character", line, {"column": column, "character": f"U+{number:04X}"}
    return None


def _early_end(text: str, words: str, line: int) -> tuple[str, int, dict[str, Any]] | None:
    """Return where a CDATA section ended too early, where what came behind it is what the parser stumbled over."""
    if not any(mark in words for mark in _OF_HTML):
        return None
    for end in _GOES_ON.finditer(text):
        at_line, at_column = _place(text, end.start())
        if at_line > line:
            return None
        if "<![CDATA[" in text[: end.start()]:
            return "XML_SYNTAX.cdata_end", at_line, {"column": at_column}
    return None


def _place(text: str, at: int) -> tuple[int, int]:
    """Return line and column of a character, both from 1."""
    begin, line = 0, 1
    for end in _LINE_END.finditer(text, 0, at):
        begin, line = end.end(), line + 1
    return line, at - begin + 1


def not_as_declared(data: bytes, name: str, line: int, column: int) -> Exception:
    """Return the error of a file whose bytes are not of the encoding that it declares."""
    allowed = Fault.of("encoding.allowed")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = {"byte": f"{data[error.start]:02x}", "at": error.start + 1}
        return unreadable("XML_ENCODING.byte", name, line, column=column, allowed=allowed, **byte)
    return unreadable("XML_ENCODING", name, line, column=column, allowed=allowed)
