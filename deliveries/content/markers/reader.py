"""Markers of reference 2.6: text in, nodes with their places out, in one pass."""

import re
from functools import lru_cache
from typing import Final

from deliveries.content.markers import fetch_markers, grammar
from deliveries.content.markers.expressions import Expression
from deliveries.content.markers.names import Names
from deliveries.content.markers.nodes import Choice, Link, Literal, Node, Value
from deliveries.content.markers.problems import Problems

_DEEPEST: Final = 10  # each condition is a call within a call for every person
_MOST_MARKERS: Final = 50_000  # of one part: preparing takes time and memory by their number
_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
_ENTITY: Final = re.compile("&(?:lt|gt|amp|quot);")
_STATEMENT: Final = re.compile(r"\s*(if|elsif|else|end)\b(.*)", re.DOTALL)
_AWAY: Final = (
    r"(?P<away>https?://[^\s\"'<>{}$]{1,200}?/unsubscribe/wfc/[^\s/\"'<>{}$]{1,200}"
    r"/d/\$\{encoded_user_data\}\$/k/\$\{form_verification_code\}\$/?)"
)
# What other systems write for a value.
_FIELD_NAME: Final = re.compile(r"\s*([A-Za-z_]\w{0,79})\s*", re.ASCII)
# A name may hold a single %; what begins as an address has no name, whatever is in it.
_NAMED_LINK: Final = re.compile(
    r"(?!\s*https?://)((?:[^\[\]%]|%(?!%)){0,300})(?:\[([^\[\]]{0,100})\])?%%(.*)", re.DOTALL
)


@lru_cache(maxsize=8)
def _pattern(*, unescape: bool, rich: bool, away: bool) -> re.Pattern[str]:
    """Return the pattern of all markers; a poor one knows only values and `<%` (subject, names)."""
    less, more = ("(?:<|&lt;)", "(?:>|&gt;)") if unescape else ("<", ">")
    value = rf"\$\{{[^${{}}<>\r\n]{{0,200}}\}}\$|{less}\{{[^{{}}<>\r\n]{{0,200}}\}}{more}"
    kinds = [
        r"\$\{(?P<field>[^${}<>\r\n]{0,200})\}\$",
        rf"{less}\{{(?P<label>[^{{}}<>\r\n]{{0,200}})\}}{more}",
        rf"(?P<code>{less}%)",
    ]
    if away:
        kinds.insert(0, _AWAY)
    if rich:
        inside = rf"(?:{value}|[^{{}}\r\n]){{1,4000}}"
        kinds.append(rf"(?P<link>%\{{{inside}\}}%|\^\{{{inside}\}}\^)")
        kinds.append(f"(?P<fetch>{fetch_markers.expression(unescape=unescape)})")
    return re.compile("(?=[h$<&%^@])(?:" + "|".join(kinds) + ")")


class _Branches:
    """An `<% if %>` that is still open."""

    def __init__(self, at: int, condition: Expression) -> None:
        self.at = at
        self.done: list[tuple[Expression | None, tuple[Node, ...]]] = []
        self.condition: Expression | None = condition
        self.nodes: list[Node] = []

    def close(self) -> None:
        self.done.append((self.condition, tuple(self.nodes)))
        self.nodes = []


class Reader:
    """Reads one text: `rich` ones (html, text) have links and includes, `logic` ones have conditions."""

    def __init__(self, names: Names, problems: Problems, *, unescape: bool, rich: bool, logic: bool) -> None:
        self._names = names
        self._problems = problems
        self._unescape = unescape
        self._logic = logic
        self._rich = rich
        self._left = _MOST_MARKERS
        self._open: list[_Branches] = []
        self._top: list[Node] = []

    def read(self, source: str, begin: int = 0) -> tuple[Node, ...]:
        """Return the nodes; mistakes are noted with their places. `begin` is where the text lies in its part."""
        find = _pattern(unescape=self._unescape, rich=self._rich, away="/unsubscribe/wfc/" in source)
        at = 0
        while (match := find.search(source, at)) is not None:
            self._left -= 1
            if self._left < 0:
                self._problems.add(begin + at, "TPL_TOO_BIG.markers", most=_MOST_MARKERS)
                break
            self._literal(source[at : match.start()], begin + at)
            at = match.end()
            if match.lastgroup == "code":
                at = self._code(source, match.end(), begin, match.start())
            else:
                self._marker(match, begin + match.start())
        self._literal(source[at:], begin + at)
        for unclosed in self._open:
            self._problems.add(unclosed.at, "TPL_SYNTAX.no_end")
        return tuple(self._top)

    @property
    def _nodes(self) -> list[Node]:
        return self._open[-1].nodes if self._open else self._top

    def _literal(self, text: str, at: int) -> None:
        if text:
            self._nodes.append(Literal(text, at))

    def _marker(self, match: re.Match[str], at: int) -> None:
        kind = match.lastgroup or ""
        if kind == "away":
            self._nodes.append(Value(self._names.field("unsubscribe_url", at, self._problems), at))
        elif kind == "field":
            self._nodes.append(Value(self._names.field(self._plain(match[kind]), at, self._problems), at))
        elif kind == "label":
            self._nodes.append(Value(self._names.label(self._plain(match[kind]), at, self._problems), at))
        elif kind == "link":
            self._nodes.append(self._link(match[kind], at))
        else:
            self._problems.add(at, "TPL_NOT_FETCHED", url=match[kind])

    def _plain(self, text: str) -> str:
        return _ENTITY.sub(lambda match: _ENTITIES[match[0]], text) if self._unescape else text

    def _link(self, marker: str, at: int) -> Link:
        named = _NAMED_LINK.fullmatch(marker[2:-2]) if marker[0] == "%" else None
        target = named[3] if named else marker[2:-2]
        inner = Reader(self._names, self._problems, unescape=self._unescape, rich=False, logic=False)
        nodes = inner.read(target, at + marker.rindex(target))
        if self._unescape:
            nodes = tuple(
                Literal(self._plain(node.text), node.at) if isinstance(node, Literal) else node for node in nodes
            )
        description = self._plain(named[1] or "") if named else ""
        return Link(nodes, description, (named[2] or "") if named else "", self._unescape, at)

    def _code(self, source: str, after: int, begin: int, opened: int) -> int:
        """Read one `<% … %>`; return where the text goes on."""
        at = begin + opened
        end = re.compile("%>|%&gt;" if self._unescape else "%>").search(source, after)
        if end is None:
            self._problems.add(at, "TPL_SYNTAX.open")
            return len(source)
        if not self._logic:
            self._problems.add(at, "TPL_PLACE.header")
            return end.end()
        inside = self._plain(source[after : end.start()])
        try:
            self._statement(inside, at, after - opened)
        except grammar.SyntaxFault as fault:
            self._problems.add(at + fault.at, "TPL_SYNTAX", code=inside, what=fault.what)
        return end.end()

    def _expression(self, text: str, at: int) -> Expression:
        def field(name: str, place: int) -> Expression:
            return self._names.field(name, at + place, self._problems)

        return grammar.parse(text, field)

    def _statement(self, inside: str, at: int, indent: int) -> None:
        if inside.startswith("="):
            self._nodes.append(Value(self._shifted(inside[1:], at, indent + 1), at))
            return
        match = _STATEMENT.fullmatch(inside)
        if match is None and (named := _FIELD_NAME.fullmatch(inside)):
            self._problems.add(at, "TPL_SYNTAX.name", code=inside, name=named[1])
            return
        if match is None:
            raise grammar.SyntaxFault(indent, "syntax.unknown")
        word, rest = match[1], match[2]
        if word == "if":
            self._if(self._shifted(rest, at, indent + match.start(2)), at)
        elif not self._open:
            raise grammar.SyntaxFault(0, "syntax.no_if", word=word)
        elif word == "elsif":
            self._branch(self._shifted(rest, at, indent + match.start(2)))
        elif rest.strip():
            raise grammar.SyntaxFault(indent + match.start(2), "syntax.after", word=word)
        elif word == "else":
            self._branch(None)
        else:
            self._end()

    def _shifted(self, text: str, at: int, indent: int) -> Expression:
        try:
            return self._expression(text, at + indent)
        except grammar.SyntaxFault as fault:
            raise fault.later(indent) from fault

    def _if(self, condition: Expression, at: int) -> None:
        if len(self._open) == _DEEPEST:
            self._problems.add(at, "TPL_NESTING", most=_DEEPEST)
        self._open.append(_Branches(at, condition))

    def _branch(self, condition: Expression | None) -> None:
        block = self._open[-1]
        if block.condition is None:
            raise grammar.SyntaxFault(0, "syntax.after_else")
        block.close()
        block.condition = condition

    def _end(self) -> None:
        block = self._open.pop()
        block.close()
        self._nodes.append(Choice(tuple(block.done), block.at))
