"""A filter as a sentence: City is Milano and Order is greater than 1000."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from deliveries.admin.filters.vocabulary import KIND_WORDS, operator_words
from deliveries.models import Delivery, Newsletter
from recipients import tables
from recipients.faults import HIDDEN
from recipients.models import Database, Filter

_MOST_VALUES: Final = 5  # of a list of values; an ellipsis stands for the others
_NAMED: Final[Mapping[str, tuple[Any, str]]] = {
    "newsletters": (Newsletter, "name"),
    "deliveries": (Delivery, "title"),
    "filters": (Filter, "name"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What sentences are made with: each database's fields, and the names of what conditions refer to."""

    types: Mapping[int, Mapping[str, tuple[str, str]]]
    names: Mapping[str, Mapping[int, str]]


def look_up(databases: Iterable[Database], conditions: Iterable[object]) -> Known:
    """Read it for many filters at once: a query for each database and for each kind of thing."""
    wanted: dict[str, set[int]] = {choices: set() for choices in _NAMED}
    for choices, number in _references(list(conditions)):
        wanted[choices].add(number)
    return Known(
        {row.pk: {each.key: (each.name, str(each.type)) for each in tables.columns(row)} for row in set(databases)},
        {
            choices: dict(model.objects.filter(pk__in=wanted[choices]).values_list("pk", name))
            for choices, (model, name) in _NAMED.items()
        },
    )


def _references(conditions: object) -> Iterator[tuple[str, int]]:
    """Return what each condition on behaviour refers to, however deep it lies."""
    for each in conditions if isinstance(conditions, list) else []:
        if isinstance(each, list):
            yield from _references(each)
        elif isinstance(each, dict):
            yield from _references(each.get("conditions"))
            choices = KIND_WORDS.get(str(each.get("kind")), ("", "", ""))[2]
            number = each.get("id")
            if choices in _NAMED and isinstance(number, int):
                yield choices, number


def in_words(
    database: Database, match: str, conditions: object, *, people: bool = True, known: Known | None = None
) -> str:
    """Return what the conditions pick, in the reader's language; what can't be read is left out.

    Without `people` the values are hidden: a filter that picks one person says who it is.
    """
    found = known or look_up([database], [conditions])
    return _Sentence(found.types[database.pk], found.names, people).group(match, conditions)


@dataclass(frozen=True, slots=True)
class _Sentence:
    types: Mapping[str, tuple[str, str]]
    names: Mapping[str, Mapping[int, str]]
    people: bool

    def group(self, match: object, conditions: object) -> str:
        rows = conditions if isinstance(conditions, list) else []
        parts = [part for each in rows if isinstance(each, dict) and (part := self._one(each))]
        return (_(" or ") if match == "any" else _(" and ")).join(parts)

    def _one(self, condition: Mapping[str, Any]) -> str:
        if "conditions" in condition:
            inner = self.group(condition.get("match", "all"), condition["conditions"])
            return f"({inner})" if inner else ""
        if "kind" in condition:
            return self._behaviour(condition)
        asked = str(condition.get("field", ""))
        name, kind = self.types.get(asked.lower(), (asked, "string"))
        operator = str(condition.get("op", ""))
        asks_none = operator in {"is_empty", "is_not_empty"}
        value = "" if asks_none else f" {_value(condition.get('value')) if self.people else HIDDEN}"
        return f"{name} {operator_words(kind, operator)}{value}"

    def _behaviour(self, condition: Mapping[str, Any]) -> str:
        did, did_not, choices = KIND_WORDS.get(str(condition["kind"]), ("", "", ""))
        words, number = did_not if condition.get("op") == "is_not" else did, condition.get("id")
        name = self.names.get(choices, {}).get(number, number) if isinstance(number, int) else number
        return f"{words} «{name}»"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        shown = ", ".join(map(str, value[:_MOST_VALUES]))
        return f"{shown}, …" if len(value) > _MOST_VALUES else shown
    return str(value)
