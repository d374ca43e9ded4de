"""Conditions nested with all and any, as one predicate (reference 3.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from psycopg import sql

from recipients.errors import ClientError
from recipients.faults import Fault
from recipients.filtering.operators import EMPTIES, OPERATORS, compile_one, operator_in_words
from recipients.filtering.predicates import Further, Predicate, join
from recipients.filtering.values import Unreadable
from recipients.tables import Column

MOST_LEVELS: Final = 10  # each is a call within a call, and a parenthesis of the SQL
MOST_CONDITIONS: Final = 100  # planning takes time by their number
_SHOWN: Final = 80


def compile_conditions(
    columns: Sequence[Column],
    match: str,
    conditions: object,
    *,
    further: Mapping[str, Further] | None = None,
) -> Predicate:
    """Return the predicate of a filter's conditions; raises ClientError with the place of the one at fault.

    A condition is {"field", "op", "value"}, a group {"match", "conditions"}, or a kind of `further`
    {"kind", "id"} with "op" is (default) or is_not. Places count from 1: 2.1 is the first of the second group.
    """
    reader = _Reader({column.key: column for column in columns}, further or {})
    return reader.group(match, conditions, ())


@dataclass
class _Reader:
    """Walks one filter's conditions and counts them."""

    columns: Mapping[str, Column]
    further: Mapping[str, Further]
    read: int = field(default=0)

    def group(self, match: object, conditions: object, place: tuple[int, ...]) -> Predicate:
        if match not in ("all", "any"):  # no set: a list or an object has no hash
            raise _fault("CONDITION_SHAPE.match", place, match=_excerpt(match))
        if not isinstance(conditions, list):
            raise _fault("CONDITION_SHAPE.list", place)
        if not conditions:
            raise _fault("CONDITION_SHAPE.none", place)
        if len(place) >= MOST_LEVELS:
            raise _fault("CONDITION_LIMIT.deep", place, most=MOST_LEVELS)
        return join(
            str(match), [self.one(each, (*place, number)) for number, each in enumerate(conditions, start=1)]
        )

    def one(self, condition: object, place: tuple[int, ...]) -> Predicate:
        if not isinstance(condition, Mapping):
            raise _fault("CONDITION_SHAPE", place)
        if "conditions" in condition:
            _only(condition, {"match", "conditions"}, place)
            return self.group(condition.get("match", "all"), condition["conditions"], place)
        self.read += 1
        if self.read > MOST_CONDITIONS:
            raise _fault("CONDITION_LIMIT", place, most=MOST_CONDITIONS)
        return self._kind(condition, place) if "kind" in condition else self._field(condition, place)

    def _field(self, condition: Mapping[str, object], place: tuple[int, ...]) -> Predicate:
        _only(condition, {"field", "op", "value"}, place)
        name, operator = condition.get("field"), condition.get("op")
        column = self.columns.get(name.lower()) if isinstance(name, str) else None
        if column is None:
            known = [each.name for each in self.columns.values()]
            raise _fault("CONDITION_FIELD", place, field=_excerpt(name), known=known)
        if not isinstance(operator, str) or operator not in OPERATORS:
            raise _fault("CONDITION_OPERATOR", place, operator=_excerpt(operator), known=sorted(OPERATORS))
        if operator not in EMPTIES and "value" not in condition:
            raise _fault("CONDITION_VALUE.none", place, field=column.name, operator=operator)
        try:
            return compile_one(column, operator, condition.get("value"))
        except Unreadable as error:
            value = _excerpt(condition.get("value"))
            words = operator_in_words(column.type, operator)
            written = Fault.of("condition.written", field=column.name, operator=words, value=value)
            raise _fault("CONDITION_VALUE", place, written=written, why=error.fault) from error

    def _kind(self, condition: Mapping[str, object], place: tuple[int, ...]) -> Predicate:
        _only(condition, {"kind", "id", "op"}, place)
        kind, number, operator = condition["kind"], condition.get("id"), condition.get("op", "is")
        wanted = self.further.get(kind) if isinstance(kind, str) else None
        if wanted is None:
            known = sorted(self.further) or Fault.of("condition.none")
            raise _fault("CONDITION_KIND", place, kind=_excerpt(kind), known=known)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
            raise _fault("CONDITION_VALUE.id", place, id=_excerpt(number))
        if operator not in {"is", "is_not"}:
            raise _fault("CONDITION_OPERATOR.is", place, operator=_excerpt(operator))
        try:
            found = wanted(number)
        except ClientError as error:
            raise ClientError(_placed(error.fault, place)) from error
        shape = sql.SQL("({}) IS TRUE" if operator == "is" else "({}) IS NOT TRUE")
        return Predicate(shape.format(found.sql), found.parameters)


def _only(condition: Mapping[str, object], known: set[str], place: tuple[int, ...]) -> None:
    for key in condition:
        if key not in known:
            raise _fault("CONDITION_SHAPE.key", place, key=_excerpt(key), known=sorted(known))


def _excerpt(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _placed(fault: Fault, place: tuple[int, ...]) -> Fault:
    if not place:
        return Fault.of("condition.filter", fault=fault)
    return Fault.of("condition.at", place=".".join(map(str, place)), fault=fault)


def _fault(key: str, place: tuple[int, ...], /, **params: object) -> ClientError:
    return ClientError(_placed(Fault.of(key, **params), place))
