"""A byte-exact tokeniser of HTML that goes on across markers (WHATWG HTML 13.2.5, what mails need of it).

Comments, script and style are passed over; what is inside `<!--[if …]>` is read as HTML, since Outlook does.
"""

import re
from collections.abc import Callable

from deliveries.content.places import html_grammar as grammar
from deliveries.content.places.html_grammar import Listener as Listener
from deliveries.content.places.html_state import ADDRESS_ATTRIBUTES, RAW_TAGS, VALUES, Block, Mode, State


class Scanner:
    """Walks text chunk by chunk and tells its listener."""

    def __init__(self, listener: Listener) -> None:
        self.state = State()
        self._listener = listener
        self._base = 0
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

    def feed(self, text: str, base: int = 0) -> None:
        """Go on through one chunk; `base` is where it lies in the part."""
        self._base = base
        at = 0
        while at < len(text):
            at = self._steps[self.state.mode](text, at)

    def in_address(self) -> bool:
        """Return whether this is the value of an attribute that holds an address."""
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
            state.mode, state.value = Mode.UNQUOTED, ""
        if state.mode in VALUES:
            state.value += "x"

    def _text(self, text: str, at: int) -> int:
        found = grammar.LESS.search(text, at)
        if found is None:
            return len(text)
        at = found.start()
        tag = grammar.TAG.match(text, at)
        if tag is not None:
            state = self.state
            state.closing, state.tag = bool(tag[1]), tag[2].lower()
            state.mode = Mode.NAME if tag.end() == len(text) else Mode.TAG
            state.linked = state.marked = False
            self._open(at)
            self._listener.tag_began(at)
            return tag.end()
        if text.startswith("<!", at):
            return self._special(text, at)
        if text[at + 1 : at + 3] in {"", "/"}:
            self.state.mode = Mode.OPENING
            return len(text)
        self._open(at)
        self.state.mode = Mode.DECLARATION
        return at + 1

    def _special(self, text: str, at: int) -> int:
        """Go into a comment or a declaration; conditional comments are stepped over, what they hold is read."""
        conditional = grammar.CONDITIONAL.match(text, at)
        if conditional is not None:
            self._turn(conditional, at)
            return conditional.end()
        comment = text.startswith("<!--", at)
        whole = grammar.EMPTY_COMMENT.match(text, at) if comment else None
        if whole is not None:
            return whole.end()
        self._open(at)
        self.state.mode = Mode.COMMENT if comment else Mode.DECLARATION
        return at + 4 if comment else at + 1

    def _open(self, at: int) -> None:
        """Remember where something begins; within a block that is the block."""
        if self.state.block is Block.ALL:
            self.state.opened = self._base + at

    def _turn(self, conditional: re.Match[str], at: int) -> None:
        kinds = {"others": Block.OTHERS, "outlook": Block.OUTLOOK, "end": Block.ALL}
        self._open(at)
        self.state.block = kinds[conditional.lastgroup or "end"]

    def _opening(self, _text: str, at: int) -> int:
        self.state.mode = Mode.TEXT
        return at

    def _name(self, text: str, at: int) -> int:
        match = grammar.NAME.match(text, at)
        end = match.end() if match else at
        self.state.tag += text[at:end].lower()
        if end < len(text):
            self.state.mode = Mode.TAG
        return end

    def _tag(self, text: str, at: int) -> int:
        state = self.state
        match = grammar.GAP.match(text, at)
        end = match.end() if match else at
        if end == len(text):
            return end
        if text[end] == ">":
            raw = state.tag in RAW_TAGS and not state.closing
            state.mode = Mode.RAW if raw else Mode.TEXT
            self._listener.tag_ended()
            return end + 1
        name = grammar.ATTRIBUTE.match(text, end)
        stop = name.end() if name else end + 1
        state.attribute, state.value = text[end:stop].lower(), ""
        state.mode = Mode.ATTRIBUTE if stop == len(text) else Mode.AFTER
        self._listener.attribute_began(at + len(text[at:end].rstrip(grammar.BLANKS)))
        return stop

    def _attribute(self, text: str, at: int) -> int:
        match = grammar.ATTRIBUTE.match(text, at) if text[at] != "=" else None
        end = match.end() if match else at
        self.state.attribute += text[at:end].lower()
        if end < len(text):
            self.state.mode = Mode.AFTER
        return end

    def _after(self, text: str, at: int) -> int:
        match = grammar.BLANK.match(text, at)
        end = match.end() if match else at
        if end == len(text):
            return end
        if text[end] == "=":
            self.state.mode = Mode.BEFORE
            return end + 1
        self._close(at)
        return at

    def _before(self, text: str, at: int) -> int:
        match = grammar.BLANK.match(text, at)
        end = match.end() if match else at
        if end == len(text):
            return end
        self.state.value = ""
        if text[end] == ">":
            self._close(end)
            return end
        quotes = {'"': Mode.DOUBLE, "'": Mode.SINGLE}
        self.state.mode = quotes.get(text[end], Mode.UNQUOTED)
        begin = end + 1 if text[end] in quotes else end
        self._listener.value_began(begin)
        return begin

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
        match = grammar.UNQUOTED.match(text, at)
        end = match.end() if match else at
        self._take(text[at:end])
        if end < len(text):
            self._close(end)
        return end

    def _take(self, text: str) -> None:
        if self.state.attribute in ADDRESS_ATTRIBUTES or self.state.attribute == "track":
            self.state.value += text

    def _close(self, at: int) -> None:
        self._listener.attribute_ended(at)
        state = self.state
        state.linked = state.linked or state.attribute == "href"
        state.marked = state.marked or state.attribute == "track"
        state.mode, state.attribute, state.value, state.unsure = Mode.TAG, "", "", False

    def _comment(self, text: str, at: int) -> int:
        match = grammar.COMMENT_END.search(text, at)
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
        match = grammar.RAW_END[self.state.tag].search(text, at)
        if match is None:
            return len(text)
        self.state.mode = Mode.TEXT
        return match.start()
