"""A filter as a sentence: City is Milano and Order is greater than 1000."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from deliveries.admin.filters.vocabulary import KIND_WORDS, operator_words
from deliveries.models import Delivery, Newsletter
from recipients import tables
from recipients.faults import HIDDEN
from recipients.models import Database, Filter

_MOST_VALUES = 5  # of a list of values; an ellipsis stands for the others


def in_words(database: Database, match: str, conditions: object, *, people: bool = True) -> str:
    """Return what the conditions pick, in the reader's language; what can't be read is left out.

    Without `people` the values are hidden: a filter that picks one person says who it is.
    """
    types = {column.name.lower(): (column.name, str(column.type)) for column in tables.columns(database)}
    return _group(types, match, conditions, people=people)


def _group(types: Mapping[str, tuple[str, str]], match: object, conditions: object, *, people: bool) -> str:
    rows = conditions if isinstance(conditions, list) else []
    parts = [part for each in rows if isinstance(each, dict) and (part := _one(types, each, people=people))]
    return (_(" or ") if match == "any" else _(" and ")).join(parts)


def _one(types: Mapping[str, tuple[str, str]], condition: Mapping[str, Any], *, people: bool) -> str:
    if "conditions" in condition:
        inner = _group(types, condition.get("match", "all"), condition["conditions"], people=people)
        return f"({inner})" if inner else ""
    if "kind" in condition:
        return _behaviour(condition)
    name, kind = types.get(str(condition.get("field", "")).lower(), (str(condition.get("field", "")), "string"))
    operator = str(condition.get("op", ""))
    asks_none = operator in {"is_empty", "is_not_empty"}
    value = "" if asks_none else f" {_value(condition.get('value')) if people else HIDDEN}"
    return f"{name} {operator_words(kind, operator)}{value}"


def _behaviour(condition: Mapping[str, Any]) -> str:
    did, did_not, choices = KIND_WORDS.get(str(condition["kind"]), ("", "", ""))
    words = did_not if condition.get("op") == "is_not" else did
    return f"{words} «{_name(choices, condition.get('id'))}»"


def _name(choices: str, number: object) -> str:
    rows: Mapping[str, tuple[Any, str]] = {
        "newsletters": (Newsletter, "name"),
        "deliveries": (Delivery, "title"),
        "filters": (Filter, "name"),
    }
    if choices not in rows or not isinstance(number, int):
        return str(number)
    model, name = rows[choices]
    return str(model.objects.filter(pk=number).values_list(name, flat=True).first() or number)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        shown = ", ".join(map(str, value[:_MOST_VALUES]))
        return f"{shown}, …" if len(value) > _MOST_VALUES else shown
    return str(value)
