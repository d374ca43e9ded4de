"""What a text with markers consists of, before its places are known."""

from dataclasses import dataclass

from deliveries.content.markers.expressions import Expression


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as written; `at` is where it begins."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Value:
    """Something printed: a field, a note or the result of `<%= %>`."""

    what: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Link:
    """A tracked-link marker; `decoded` says whether the target is written in characters or as HTML source."""

    target: "tuple[Node, ...]"
    description: str
    category: str
    decoded: bool
    at: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`<% if %>`: the first branch whose condition holds; the condition of `else` is None."""

    branches: "tuple[tuple[Expression | None, tuple[Node, ...]], ...]"
    at: int


Node = Literal | Value | Link | Choice
