"""A piece of SQL with its parameters, and how pieces are put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from recipients.filtering.values import Value

# What a predicate calls the row of the database's table that it looks at.
ROW: Final = "r"


# What a predicate hands to %s; a list is a parameter of = ANY.
Parameter = Value | bytes | list[Value] | list[str] | list[int]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on the row ROW: `sql` has one %s for each of `parameters`."""

    sql: sql.Composable
    parameters: tuple[Parameter, ...] = ()


# A kind of condition that is handed in from above: takes the id it names, raises ClientError.
Further = Callable[[int], Predicate]

EVERYBODY: Final = Predicate(sql.SQL("TRUE"))


def join(match: str, parts: Sequence[Predicate]) -> Predicate:
    """Return all (`all`) or at least one (`any`) of the parts; no parts at all is everybody."""
    if not parts:
        return EVERYBODY
    if len(parts) == 1:
        return parts[0]
    word = sql.SQL(" AND " if match == "all" else " OR ")
    together = word.join(sql.SQL("({})").format(part.sql) for part in parts)
    return Predicate(together, tuple(value for part in parts for value in part.parameters))


def column(name: str) -> sql.Identifier:
    """Return the quoted column of that row."""
    return sql.Identifier(ROW, name)
