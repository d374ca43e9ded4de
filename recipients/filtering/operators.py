"""One condition of a filter on one field, as SQL (reference 3.5)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from psycopg import sql

from recipients.faults import CATALOGUE, Fault
from recipients.field_types import FIELD_TYPES
from recipients.filtering.predicates import Predicate, column, join
from recipients.filtering.values import Unreadable, Value, plain_text, read
from recipients.models import FieldType
from recipients.tables import Column

COMPARISONS: Final[Mapping[str, str]] = {
    "greater": ">",
    "greater_or_equal": ">=",
    "less": "<",
    "less_or_equal": "<=",
}
PARTS: Final = frozenset({"contains", "not_contains", "starts_with"})
LISTS: Final = frozenset({"in", "not_in"})
EMPTIES: Final = frozenset({"is_empty", "is_not_empty"})
OPERATORS: Final = frozenset({"equals", "different", *PARTS, *LISTS, *EMPTIES, *COMPARISONS})
MOST_LISTED: Final = 10_000  # reference 3.5


def operator_in_words(kind: FieldType, operator: str) -> Fault:
    """Return the operator as the page that writes conditions calls it, to be said in the reader's language."""
    of_days = f"operator.day.{operator}"
    if FIELD_TYPES[kind].family == "day" and of_days in CATALOGUE:
        return Fault.of(of_days)
    return Fault.of(f"operator.{operator}") if operator in OPERATORS else Fault.written(operator)


def compile_one(field: Column, operator: str, value: object) -> Predicate:
    """Return the SQL of one condition; raises Unreadable when the type has no such operator or the value is wrong.

    A row without a value satisfies only is_empty, different, not_contains and not_in.
    """
    if operator in EMPTIES:
        return _emptiness(field, operator)
    if operator in PARTS:
        return _part(field, operator, value)
    if operator in LISTS:
        return _listed(field, operator, value)
    if operator in COMPARISONS:
        return _compared(field, operator, value)
    return _equality(field, operator, read(field.type, value))


def _place(field: Column, value: Value) -> sql.Composable:
    """Return the column as it compares with the value: an address normalised, a moment by its day."""
    if field.type == FieldType.EMAIL:
        return sql.SQL("lower({})").format(column(field.name))
    if field.type == FieldType.DATETIME and not isinstance(value, datetime):
        return sql.SQL("{}::date").format(column(field.name))
    return column(field.name)


_CASTS: Final[Mapping[type, str]] = {date: "::date", datetime: "::timestamp"}


def _slot(value: Value) -> sql.SQL:
    return sql.SQL("%s" + _CASTS.get(type(value), ""))  # both halves are constants of ours


def _equality(field: Column, operator: str, value: Value) -> Predicate:
    shape = "{} = {}" if operator == "equals" else "{} IS DISTINCT FROM {}"
    return Predicate(sql.SQL(shape).format(_place(field, value), _slot(value)), (value,))


def _compared(field: Column, operator: str, value: object) -> Predicate:
    if FIELD_TYPES[field.type].family not in {"number", "day"}:
        raise Unreadable("value.order", type=str(field.type))
    typed = read(field.type, value)
    shape = f"{{}} {COMPARISONS[operator]} {{}}"
    return Predicate(sql.SQL(shape).format(_place(field, typed), _slot(typed)), (typed,))


def _part(field: Column, operator: str, value: object) -> Predicate:
    if FIELD_TYPES[field.type].family != "text":
        raise Unreadable("value.parts", type=str(field.type))
    wanted = plain_text(value)
    if field.type == FieldType.EMAIL:
        wanted = wanted.lower()
    place = _place(field, wanted)
    if operator == "contains":
        return Predicate(sql.SQL("position(%s in {}) > 0").format(place), (wanted,))
    if operator == "not_contains":
        return Predicate(sql.SQL("coalesce(position(%s in {}), 0) = 0").format(place), (wanted,))
    return Predicate(sql.SQL("starts_with({}, %s)").format(place), (wanted,))


def _listed(field: Column, operator: str, value: object) -> Predicate:
    if not isinstance(value, list) or not value:
        raise Unreadable("value.list")
    if len(value) > MOST_LISTED:
        raise Unreadable("value.list_long", given=len(value), most=MOST_LISTED)
    typed = [read(field.type, one) for one in value]
    chosen = join("any", [_any_of(field, group) for group in _by_type(typed)])
    if operator == "in":
        return chosen
    return Predicate(sql.SQL("({}) IS NOT TRUE").format(chosen.sql), chosen.parameters)


def _by_type(values: list[Value]) -> list[list[Value]]:
    """Split days from moments: they compare in different ways."""
    kinds = sorted({type(value) for value in values}, key=lambda kind: kind.__name__)
    return [[value for value in values if type(value) is kind] for kind in kinds]


def _any_of(field: Column, values: list[Value]) -> Predicate:
    kind = FIELD_TYPES[field.type].sql
    if field.type == FieldType.DATETIME:
        kind = "timestamp" if isinstance(values[0], datetime) else "date"
    shape = f"{{}} = ANY(%s::{kind}[])"
    return Predicate(sql.SQL(shape).format(_place(field, values[0])), (values,))


def _emptiness(field: Column, operator: str) -> Predicate:
    place = column(field.name)
    empty = operator == "is_empty"
    if FIELD_TYPES[field.type].family != "text":
        return Predicate(sql.SQL("{} IS NULL" if empty else "{} IS NOT NULL").format(place))
    shape = "coalesce({}, '') = ''" if empty else "{} <> ''"
    return Predicate(sql.SQL(shape).format(place))
