"""Filters that use filters, without circles (reference 3.5)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from recipients.errors import ClientError
from recipients.filtering.conditions import compile_conditions
from recipients.filtering.predicates import Further, Predicate
from recipients.models import Database, Filter
from recipients.tables import Column, columns

IN_FILTER: Final = "in_filter"
# Ten filters of a hundred conditions, each of which is a filter again, would be a query without an end.
MOST_EXPANDED: Final = 100


def predicate_of(chosen: Filter, *, further: Mapping[str, Further] | None = None) -> Predicate:
    """Return the predicate of a stored filter; raises ClientError, also for a circle of filters."""
    return _Walk(chosen.database, further or {}).expand(chosen)


def check_conditions(
    columns: Sequence[Column],
    match: str,
    conditions: object,
    *,
    further: Mapping[str, Further] | None = None,
    database: Database | None = None,
    own: int | None = None,
) -> None:
    """Raise the ClientError that compiling these conditions would raise.

    "in filter N" needs the `database`; `own` is the id of the filter that is being changed, to see circles.
    """
    kinds = dict(further or {})
    if database is not None:
        walk = _Walk(database, kinds)
        if own is not None:
            walk.path.append(own)
        kinds[IN_FILTER] = walk.compile
    compile_conditions(columns, match, conditions, further=kinds)


def named_filters(conditions: object) -> Iterator[int]:
    """Yield the ids of the filters that these conditions use."""
    for each in conditions if isinstance(conditions, list) else []:
        if isinstance(each, dict) and each.get("kind") == IN_FILTER:
            yield each["id"]
        elif isinstance(each, dict):
            yield from named_filters(each.get("conditions"))


class _Walk:
    """One compilation: the filters on the way down, and how many were read in all."""

    def __init__(self, database: Database, further: Mapping[str, Further]) -> None:
        self.database = database
        self.columns = columns(database)
        self.kinds: dict[str, Further] = {**further, IN_FILTER: self.compile}
        self.path: list[int] = []
        self.expanded = 0

    def compile(self, filter_id: int) -> Predicate:
        chosen = Filter.objects.filter(pk=filter_id, database=self.database).first()
        if chosen is None:
            raise ClientError("FILTER_UNKNOWN", id=filter_id)
        if filter_id in self.path:
            raise ClientError("FILTER_CIRCLE", id=filter_id)
        return self.expand(chosen)

    def expand(self, chosen: Filter) -> Predicate:
        self.expanded += 1
        if self.expanded > MOST_EXPANDED:
            raise ClientError("FILTER_LIMIT", most=MOST_EXPANDED)
        self.path.append(chosen.pk)
        made = compile_conditions(self.columns, chosen.match, chosen.conditions, further=self.kinds)
        self.path.pop()
        return made
