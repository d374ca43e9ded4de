"""What may be between `<%` and `%>`: a small grammar of our own, read once, in bounded time (reference 2.6).

or      = and { "||" and }            and     = not { "&&" not }
not     = { "!" } compare             compare = operand [ "==" | "!=" | "<" | "<=" | ">" | ">=" operand ]
operand = ( "(" or ")" | string | number | ${field}$ | field ) { "." method }
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from deliveries.content.markers.expressions import (
    METHODS,
    Comparison,
    Constant,
    Either,
    Expression,
    Method,
    Not,
    Quoted,
)
from recipients.faults import Fault

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<field>\$\{[^${}<>\r\n]{0,200}\}\$)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]*\w))
    | (?P<method>\.\s*[a-z]+\??)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<sign>==|!=|<=|>=|&&|\|\||[<>!()])
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_MOST_PARENTHESES: Final = 20  # each is a call within a call, when it is read and when it is filled
_MOST_METHODS: Final = 10
_MOST_LENGTH: Final = 4000  # characters (reference 2.6)
_INSIDE: Final = re.compile(r"\$\{([^${}<>\r\n]{0,200})\}\$")
_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})


class SyntaxFault(Exception):
    """Not in the grammar: `at` counts characters from where the expression begins, `what` ends its sentence."""

    def __init__(self, at: int, what: str | Fault, /, **params: object) -> None:
        self.at = at
        self.what = what if isinstance(what, Fault) else Fault.of(what, **params)
        super().__init__(self.what.key)

    def later(self, indent: int) -> "SyntaxFault":
        """Return the same, of an expression that begins so many characters further on."""
        return SyntaxFault(self.at + indent, self.what)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(source: str) -> list[_Token]:
    if len(source) > _MOST_LENGTH:
        raise SyntaxFault(0, "syntax.long", most=_MOST_LENGTH)
    found: list[_Token] = []
    at = 0
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            at += len(source[at:]) - len(source[at:].lstrip())
            raise SyntaxFault(at, "syntax.found", found=source[at : at + 20])
        kind = match.lastgroup
        found.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    found.append(_Token("end", "", end))
    return found


def parse(source: str, field: Callable[[str, int], Expression]) -> Expression:
    """Return the expression; `field` turns a name (and its place) into what reads it. Raises SyntaxFault."""
    reader = _Reader(_tokens(source), field)
    result = reader.either()
    left = reader.now
    if left.kind != "end":
        raise SyntaxFault(left.at, "syntax.too_much", found=left.text[:20])
    return result


class _Reader:
    """One token after the other; depth is bounded, so is the stack."""

    def __init__(self, tokens: list[_Token], field: Callable[[str, int], Expression]) -> None:
        self._tokens = tokens
        self._field = field
        self._at = 0
        self._depth = 0

    @property
    def now(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *signs: str) -> bool:
        if self.now.kind == "sign" and self.now.text in signs:
            self._at += 1
            return True
        return False

    def either(self) -> Expression:
        operands = [self._both()]
        while self._take("||"):
            operands.append(self._both())
        return operands[0] if len(operands) == 1 else Either(tuple(operands), any_of=True)

    def _both(self) -> Expression:
        operands = [self._negated()]
        while self._take("&&"):
            operands.append(self._negated())
        return operands[0] if len(operands) == 1 else Either(tuple(operands), any_of=False)

    def _negated(self) -> Expression:
        first, signs = self.now, 0
        while self._take("!"):
            signs += 1
        if not signs:
            return self._compared()
        result = Not(self._operand())
        if self.now.kind == "sign" and self.now.text in _COMPARISONS:
            # Ruby negates the left side alone, which nobody who writes this means
            raise SyntaxFault(first.at, "syntax.negated")
        return result if signs % 2 else Not(result)

    def _compared(self) -> Expression:
        left = self._operand()
        sign = self.now.text
        if self.now.kind == "sign" and self._take(*_COMPARISONS):
            return Comparison(left, sign, self._operand())
        return left

    def _operand(self) -> Expression:
        token = self.now
        if self._take("("):
            result = self._parenthesis(token)
        else:
            self._at += 1
            result = self._simple(token)
        methods = 0
        while self.now.kind == "method":
            methods += 1
            if methods > _MOST_METHODS:  # each is a call within a call when it is filled
                raise SyntaxFault(self.now.at, "syntax.methods", most=_MOST_METHODS)
            name = self.now.text[1:].strip()
            if name != "empty?" and name not in METHODS:
                raise SyntaxFault(self.now.at, "syntax.found", found=f".{name}")
            result = Method(result, name)
            self._at += 1
        return result

    def _parenthesis(self, token: _Token) -> Expression:
        self._depth += 1
        if self._depth > _MOST_PARENTHESES:
            raise SyntaxFault(token.at, "syntax.parentheses", most=_MOST_PARENTHESES)
        result = self.either()
        if not self._take(")"):
            raise SyntaxFault(token.at, "syntax.unclosed")
        self._depth -= 1
        return result

    def _simple(self, token: _Token) -> Expression:
        if token.kind == "field":
            return self._field(token.text[2:-2], token.at)
        if token.kind == "name":
            return self._field(token.text, token.at)
        if token.kind == "number":
            return Constant(float(token.text) if "." in token.text else int(token.text))
        if token.kind == "string":
            return self._quoted(token)
        if token.kind == "end":
            raise SyntaxFault(token.at, "syntax.no_value")
        raise SyntaxFault(token.at, "syntax.out_of_place", found=token.text)

    def _quoted(self, token: _Token) -> Expression:
        inside = token.text[1:-1]
        if token.text[0] == "'":
            return Constant(re.sub(r"\\([\\'])", r"\1", inside))
        parts: list[Expression] = []
        at = 0
        for match in _INSIDE.finditer(inside):
            parts.append(Constant(_unescaped(inside[at : match.start()])))
            parts.append(self._field(match[1], token.at + 1 + match.start()))
            at = match.end()
        rest = Constant(_unescaped(inside[at:]))
        return Quoted((*parts, rest)) if parts else rest


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
