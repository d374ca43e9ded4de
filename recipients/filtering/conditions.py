"""Conditions nested with all and any, as one predicate (docs/reference.md 3.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from psycopg import sql

from recipients.errors import ClientError
from recipients.filtering.operators import EMPTIES, OPERATORS, compile_one
from recipients.filtering.predicates import Further, Predicate, join
from recipients.filtering.values import Unreadable
from recipients.tables import Column

MOST_LEVELS: Final = 10
MOST_CONDITIONS: Final = 100
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
        if match not in {"all", "any"}:
            raise _fault("SHAPE", place, _("match is %s; write all or any") % _shown(match))
        if not isinstance(conditions, list):
            raise _fault("SHAPE", place, _("conditions must be a list"))
        if not conditions:
            raise _fault("SHAPE", place, _("no condition is given; write at least one"))
        if len(place) >= MOST_LEVELS:
            raise _fault("LIMIT", place, _("groups lie more than %d deep; flatten them") % MOST_LEVELS)
        return join(
            str(match), [self.one(each, (*place, number)) for number, each in enumerate(conditions, start=1)]
        )

    def one(self, condition: object, place: tuple[int, ...]) -> Predicate:
        if not isinstance(condition, Mapping):
            raise _fault("SHAPE", place, _("write field, op and value, or match and conditions"))
        if "conditions" in condition:
            _only(condition, {"match", "conditions"}, place)
            return self.group(condition.get("match", "all"), condition["conditions"], place)
        self.read += 1
        if self.read > MOST_CONDITIONS:
            raise _fault("LIMIT", place, _("a filter has at most %d conditions; split it") % MOST_CONDITIONS)
        return self._kind(condition, place) if "kind" in condition else self._field(condition, place)

    def _field(self, condition: Mapping[str, object], place: tuple[int, ...]) -> Predicate:
        _only(condition, {"field", "op", "value"}, place)
        name, operator = condition.get("field"), condition.get("op")
        column = self.columns.get(name.lower()) if isinstance(name, str) else None
        if column is None:
            parts = {"field": _shown(name), "known": ", ".join(each.name for each in self.columns.values())}
            raise _fault("FIELD", place, _("field %(field)s is not in the database; known are %(known)s") % parts)
        if not isinstance(operator, str) or operator not in OPERATORS:
            parts = {"operator": _shown(operator), "known": ", ".join(sorted(OPERATORS))}
            raise _fault("OPERATOR", place, _("op %(operator)s is unknown; use %(known)s") % parts)
        if operator not in EMPTIES and "value" not in condition:
            parts = {"field": column.name, "operator": operator}
            raise _fault("VALUE", place, _("%(field)s %(operator)s needs a value") % parts)
        try:
            return compile_one(column, operator, condition.get("value"))
        except Unreadable as error:
            written = f"{column.name} {operator} {_shown(condition.get('value'))}"
            raise _fault("VALUE", place, f"{written}: {error}") from error

    def _kind(self, condition: Mapping[str, object], place: tuple[int, ...]) -> Predicate:
        _only(condition, {"kind", "id", "op"}, place)
        kind, number, operator = condition["kind"], condition.get("id"), condition.get("op", "is")
        wanted = self.further.get(kind) if isinstance(kind, str) else None
        if wanted is None:
            parts = {"kind": _shown(kind), "known": ", ".join(sorted(self.further)) or _("none")}
            raise _fault("KIND", place, _("kind %(kind)s can't be used here; known are %(known)s") % parts)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
            raise _fault("VALUE", place, _("id %s is no number of anything") % _shown(number))
        if operator not in {"is", "is_not"}:
            raise _fault("OPERATOR", place, _("op %s is unknown here; use is or is_not") % _shown(operator))
        try:
            found = wanted(number)
        except ClientError as error:
            raise _fault_of(error, place) from error
        shape = sql.SQL("({}) IS TRUE" if operator == "is" else "({}) IS NOT TRUE")
        return Predicate(shape.format(found.sql), found.parameters)


def _only(condition: Mapping[str, object], known: set[str], place: tuple[int, ...]) -> None:
    for key in condition:
        if key not in known:
            parts = {"key": _shown(key), "known": ", ".join(sorted(known))}
            raise _fault("SHAPE", place, _("key %(key)s is unknown; known are %(known)s") % parts)


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _where(place: tuple[int, ...]) -> str:
    return _("condition %s") % ".".join(map(str, place)) if place else _("the filter")


def _fault(code: str, place: tuple[int, ...], reason: str) -> ClientError:
    return ClientError(f"CONDITION_{code}", f"{_where(place)}: {reason}")


def _fault_of(error: ClientError, place: tuple[int, ...]) -> ClientError:
    return ClientError(error.code, f"{_where(place)}: {error.message}")
