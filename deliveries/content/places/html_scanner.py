"""A byte-exact tokeniser of HTML that goes on across markers (WHATWG HTML 13.2.5, what mails need of it).

Comments, script and style are passed over; what stands in `<!--[if …]>` is read as HTML, since Outlook does.
"""

import re
from collections.abc import Callable
from typing import Final

from deliveries.content.places.html_state import ADDRESS_ATTRIBUTES, RAW_TAGS, VALUES, Mode, State

_LESS: Final = re.compile(r"<(?=[A-Za-z!?/]|\Z)")
# HTML's own blanks: \s has others too, which are part of a name or a value there.
BLANKS: Final = " \t\n\f\r"
_TAG: Final = re.compile(rf"<(/?)([A-Za-z][^{BLANKS}/>]*)")
_CONDITIONAL: Final = re.compile(r"<!--\[if[^\]>]{0,200}\]>", re.IGNORECASE)
_EMPTY_COMMENT: Final = re.compile(r"<!---?>")
_COMMENT_END: Final = re.compile(r"--!?>")
_NAME: Final = re.compile(rf"[^{BLANKS}/>]*")
GAP: Final = re.compile(rf"[{BLANKS}/]*")
_BLANK: Final = re.compile(rf"[{BLANKS}]*")
_ATTRIBUTE: Final = re.compile(rf"=?[^{BLANKS}/>=]*")
_UNQUOTED: Final = re.compile(rf"[^{BLANKS}>]*")
_RAW_END: Final = {tag: re.compile(rf"</(?={tag}[{BLANKS}/>])", re.IGNORECASE) for tag in RAW_TAGS}


class Scanner:
    """Walks text chunk by chunk. `began(at)` and `ended(at)` are told of each attribute, with the chunk's places.

    An attribute begins with the blanks before it; its end is the place after its last character.
    """

    def __init__(self, began: Callable[[int], None], ended: Callable[[int], None]) -> None:
        self.state = State()
        self._began = began
        self._ended = ended
        self._steps: dict[Mode, Callable[[str, int], int]] = {
            Mode.TEXT: self._text,
            Mode.OPENING: self._opening,
            Mode.NAME: self._name,
            Mode.TAG: self._tag,
            Mode.ATTRIBUTE: self._attribute,
            Mode.AFTER: self._after,
            Mode.BEFORE: self._before,
            Mode.DOUBLE: self._double,
            Mode.SINGLE: self._single,
            Mode.UNQUOTED: self._unquoted,
            Mode.COMMENT: self._comment,
            Mode.DECLARATION: self._declaration,
            Mode.RAW: self._raw,
        }

    def feed(self, text: str) -> None:
        """Go on through one chunk."""
        at = 0
        while at < len(text):
            at = self._steps[self.state.mode](text, at)

    def in_address(self) -> bool:
        """Tell whether this is the value of an attribute that holds an address."""
        state = self.state
        return state.mode in VALUES | {Mode.BEFORE} and state.attribute in ADDRESS_ATTRIBUTES

    def pass_marker(self) -> None:
        """Go on behind a marker, which is never looked into."""
        state = self.state
        if state.mode is Mode.OPENING:
            state.mode = Mode.TEXT
        elif state.mode in {Mode.TAG, Mode.AFTER}:
            state.mode, state.attribute = Mode.ATTRIBUTE, ""
        elif state.mode is Mode.BEFORE:
            state.mode = Mode.UNQUOTED
        if state.mode in VALUES:
            state.value += "x"

    def _text(self, text: str, at: int) -> int:
        state = self.state
        found = _LESS.search(text, at)
        if found is None:
            return len(text)
        at = found.start()
        tag = _TAG.match(text, at)
        if tag is not None:
            state.closing, state.tag = bool(tag[1]), tag[2].lower()
            state.mode = Mode.NAME if tag.end() == len(text) else Mode.TAG
            return tag.end()
        if text.startswith("<!--", at):
            whole = _CONDITIONAL.match(text, at) or _EMPTY_COMMENT.match(text, at)
            if whole is not None:
                return whole.end()
            state.mode = Mode.COMMENT
            return at + 4
        after = text[at + 1 : at + 3]
        if after in {"", "/"}:
            state.mode = Mode.OPENING
            return len(text)
        if after[0] in "!?/":
            state.mode = Mode.DECLARATION
        return at + 1

    def _opening(self, _text: str, at: int) -> int:
        self.state.mode = Mode.TEXT
        return at

    def _name(self, text: str, at: int) -> int:
        match = _NAME.match(text, at)
        end = match.end() if match else at
        self.state.tag += text[at:end].lower()
        if end < len(text):
            self.state.mode = Mode.TAG
        return end

    def _tag(self, text: str, at: int) -> int:
        state = self.state
        match = GAP.match(text, at)
        end = match.end() if match else at
        if end == len(text):
            return end
        if text[end] == ">":
            raw = state.tag in RAW_TAGS and not state.closing
            state.mode = Mode.RAW if raw else Mode.TEXT
            return end + 1
        name = _ATTRIBUTE.match(text, end)
        stop = name.end() if name else end + 1
        state.attribute, state.value = text[end:stop].lower(), ""
        state.mode = Mode.ATTRIBUTE if stop == len(text) else Mode.AFTER
        self._began(at + len(text[at:end].rstrip(BLANKS)))
        return stop

    def _attribute(self, text: str, at: int) -> int:
        match = _ATTRIBUTE.match(text, at) if text[at] != "=" else None
        end = match.end() if match else at
        self.state.attribute += text[at:end].lower()
        if end < len(text):
            self.state.mode = Mode.AFTER
        return end

    def _after(self, text: str, at: int) -> int:
        match = _BLANK.match(text, at)
        end = match.end() if match else at
        if end == len(text):
            return end
        if text[end] == "=":
            self.state.mode = Mode.BEFORE
            return end + 1
        self._close(at)
        return at

    def _before(self, text: str, at: int) -> int:
        match = _BLANK.match(text, at)
        end = match.end() if match else at
        if end == len(text):
            return end
        self.state.value = ""
        if text[end] == ">":
            self._close(end)
            return end
        quotes = {'"': Mode.DOUBLE, "'": Mode.SINGLE}
        self.state.mode = quotes.get(text[end], Mode.UNQUOTED)
        return end + 1 if text[end] in quotes else end

    def _double(self, text: str, at: int) -> int:
        return self._quoted(text, at, '"')

    def _single(self, text: str, at: int) -> int:
        return self._quoted(text, at, "'")

    def _quoted(self, text: str, at: int, quote: str) -> int:
        end = text.find(quote, at)
        self._take(text[at:] if end < 0 else text[at:end])
        if end < 0:
            return len(text)
        self._close(end + 1)
        return end + 1

    def _unquoted(self, text: str, at: int) -> int:
        match = _UNQUOTED.match(text, at)
        end = match.end() if match else at
        self._take(text[at:end])
        if end < len(text):
            self._close(end)
        return end

    def _take(self, text: str) -> None:
        if self.state.attribute in ADDRESS_ATTRIBUTES:
            self.state.value += text

    def _close(self, at: int) -> None:
        self._ended(at)
        self.state.mode, self.state.attribute, self.state.value = Mode.TAG, "", ""

    def _comment(self, text: str, at: int) -> int:
        match = _COMMENT_END.search(text, at)
        if match is None:
            return len(text)
        self.state.mode = Mode.TEXT
        return match.end()

    def _declaration(self, text: str, at: int) -> int:
        end = text.find(">", at)
        if end < 0:
            return len(text)
        self.state.mode = Mode.TEXT
        return end + 1

    def _raw(self, text: str, at: int) -> int:
        match = _RAW_END[self.state.tag].search(text, at)
        if match is None:
            return len(text)
        self.state.mode = Mode.TEXT
        return match.start()
