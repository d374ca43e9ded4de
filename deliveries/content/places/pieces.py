"""A text whose places are known: literals, slots with their escape, links and forks; rendered for one person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from deliveries.content.markers.comparing import truth
from deliveries.content.markers.expressions import Constant, Expression, FieldValue, names_in
from deliveries.content.markers.problems import Problems
from deliveries.content.markers.values import Scope
from deliveries.content.places.addresses import is_http

MOST_CONSTANTS: Final = 5 * 1024**2  # bytes, as a part as written may have: labels could multiply themselves
Show = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Slot:
    """A value in a place: `show` is the escape of that place."""

    what: Expression
    show: Show

    def render(self, scope: Scope) -> str:
        """Return what one person reads here."""
        return self.show(self.what.text(scope))


@dataclass(frozen=True, slots=True)
class Tracked:
    """A link's address: by way of us where this person's links are tracked, else as it is written (`plain`).

    `target` is what it leads to, None where the link's row has it, being the same for everybody. `quote` is put
    around what is put in where the attribute has no quotes of its own.
    """

    number: int
    plain: "tuple[Piece, ...]"
    target: "tuple[Piece, ...] | None"
    quote: str = ""

    def render(self, scope: Scope) -> str:
        """Return the address that one person's link has."""
        click = scope.click
        if click is None:
            return render(self.plain, scope)
        target = None
        if self.target is not None:
            target = render(self.target, scope)
            if not isinstance(self.target[0], str) and not is_http(target):  # a value begins it
                return render(self.plain, scope)
        return f"{self.quote}{click(self.number, target)}{self.quote}"


@dataclass(frozen=True, slots=True)
class Page:
    """A part, or a piece of one, out of a person's field: `change` gives it links of this person."""

    what: Expression
    change: "Callable[[str, Scope], str]"

    def render(self, scope: Scope) -> str:
        """Return the person's own."""
        return self.change(self.what.text(scope), scope)


@dataclass(frozen=True, slots=True)
class Fork:
    """The first branch whose condition holds."""

    branches: "tuple[tuple[Expression | None, tuple[Piece, ...]], ...]"

    def pick(self, scope: Scope) -> int | None:
        """Return the number of the branch, or None when none holds."""
        for index, (condition, _) in enumerate(self.branches):
            if condition is None or truth(condition.value(scope)):
                return index
        return None


Piece = str | Slot | Tracked | Page | Fork


def render(pieces: Iterable[Piece], scope: Scope) -> str:
    """Return the text for one person."""
    out: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, Fork):
            index = piece.pick(scope)
            out.append("" if index is None else render(piece.branches[index][1], scope))
        else:
            out.append(piece.render(scope))
            scope.spend(len(out[-1]))
    return "".join(out)


def settle(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Write constants out and join literals that are side by side."""
    settled: list[Piece] = []
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, Slot) and isinstance(piece.what, Constant):
            run.append(piece.show(str(piece.what.what)))
        elif isinstance(piece, str):
            run.append(piece)
        else:
            if run:
                settled.append("".join(run))
                run = []
            settled.append(
                Fork(tuple((when, settle(inner)) for when, inner in piece.branches))
                if isinstance(piece, Fork)
                else piece
            )
    if any(run):
        settled.append("".join(run))
    return tuple(settled)


def settle_part(pieces: Sequence[Piece], problems: Problems) -> tuple[Piece, ...]:
    """Settle a part whose constants stay within bounds: what labels would make is counted before it is made."""
    sizes: dict[Slot, int] = {}
    total = 0
    for slot in slots_of(pieces):
        if isinstance(slot, Slot) and isinstance(slot.what, Constant):
            if slot not in sizes:
                sizes[slot] = len(slot.show(str(slot.what.what)))
            total += sizes[slot]
    if total > MOST_CONSTANTS:
        problems.add(0, "TPL_TOO_BIG.labels", most=MOST_CONSTANTS)
        return ()
    return settle(pieces)


def as_written(pieces: Iterable[Piece]) -> str:
    """Return the text with its markers unfilled; of a condition its first branch."""
    out: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, Slot) and isinstance(piece.what, FieldValue):
            out.append(f"${{{piece.what.name}}}$")
        elif isinstance(piece, Fork):
            out.append(as_written(piece.branches[0][1]))
        else:
            out.append("<%=…%>")
    return "".join(out)


def prints(pieces: Iterable[Piece], name: str) -> bool:
    """Return whether a field is printed somewhere, also in one branch only."""
    return any(name in names_in(slot.what) for slot in slots_of(pieces))


def slots_for(pieces: Iterable[Piece], scope: Scope) -> Iterable[Slot | Page]:
    """Yield the slots and pages that one person's text has: of a fork those of the branch that holds."""
    for piece in pieces:
        if isinstance(piece, Slot | Page):
            yield piece
        elif isinstance(piece, Tracked):
            yield from slots_for(piece.plain, scope)
        elif isinstance(piece, Fork):
            index = piece.pick(scope)
            if index is not None:
                yield from slots_for(piece.branches[index][1], scope)


def slots_of(pieces: Iterable[Piece]) -> Iterable[Slot | Page]:
    """Yield every slot and page, also those in branches."""
    for piece in pieces:
        if isinstance(piece, Slot | Page):
            yield piece
        elif isinstance(piece, Tracked):
            yield from slots_of(piece.plain)
        elif isinstance(piece, Fork):
            for _, inner in piece.branches:
                yield from slots_of(inner)
