"""Things that have a value for each person: fields, literals, conditions (reference 2.6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from deliveries.content.markers.comparing import compare, truth
from deliveries.content.markers.values import Scope


class Expression:
    """Something that has a value for each person."""

    __slots__ = ()

    def value(self, scope: Scope) -> object:
        """Return the value as typed."""
        raise NotImplementedError

    def text(self, scope: Scope) -> str:
        """Return the value as printed."""
        return scope.show(self.value(scope))


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    what: object

    def value(self, scope: Scope) -> object:  # noqa: ARG002  the same for everybody
        """Return the literal."""
        return self.what


@dataclass(frozen=True, slots=True)
class FieldValue(Expression):
    name: str

    def value(self, scope: Scope) -> object:
        """Return the field's value as typed."""
        return scope.value(self.name)

    def text(self, scope: Scope) -> str:
        """Return the field's value as printed."""
        return scope.text(self.name)


@dataclass(frozen=True, slots=True)
class Quoted(Expression):
    """A string in double quotes with fields in it: text, whatever their types."""

    parts: tuple[Expression, ...]

    def value(self, scope: Scope) -> object:
        """Return the filled string."""
        texts = [part.text(scope) for part in self.parts]
        scope.spend(sum(map(len, texts)))
        return "".join(texts)


@dataclass(frozen=True, slots=True)
class Method(Expression):
    operand: Expression
    name: str

    def value(self, scope: Scope) -> object:
        """Return the text changed, or whether it is empty."""
        text = self.operand.text(scope)
        scope.spend(len(text))
        return not text if self.name == "empty?" else METHODS[self.name](text)


@dataclass(frozen=True, slots=True)
class Not(Expression):
    operand: Expression

    def value(self, scope: Scope) -> object:
        """Return the opposite."""
        return not truth(self.operand.value(scope))


@dataclass(frozen=True, slots=True)
class Either(Expression):
    """One of several (`any_of`), or all of them."""

    operands: tuple[Expression, ...]
    any_of: bool

    def value(self, scope: Scope) -> object:
        """Return whether one holds, or all do; the rest isn't looked at once it is known."""
        for operand in self.operands:
            if truth(operand.value(scope)) is self.any_of:
                return self.any_of
        return not self.any_of


@dataclass(frozen=True, slots=True)
class Comparison(Expression):
    left: Expression
    sign: str
    right: Expression

    def value(self, scope: Scope) -> object:
        """Return whether it holds; what can't be compared doesn't hold."""
        return compare(self.left.value(scope), self.sign, self.right.value(scope), scope.show)


def names_in(expression: Expression) -> frozenset[str]:
    """Return the fields that are printed by an expression; what only decides is not printed."""
    if isinstance(expression, FieldValue):
        return frozenset({expression.name})
    if isinstance(expression, Quoted):
        return frozenset().union(*map(names_in, expression.parts))
    return names_in(expression.operand) if isinstance(expression, Method) else frozenset()


METHODS: Final[dict[str, Callable[[str], str]]] = {
    "upcase": str.upper,
    "downcase": str.lower,
    "capitalize": str.capitalize,
    "strip": str.strip,
}
