"""Many rows, read a chunk at a time."""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def in_chunks(rows: QuerySet[M], size: int = 2_000) -> Iterator[M]:
    """Yield the rows in their order; one that is gone by the time of its chunk is passed over.

    Not `iterator()`: its cursor outlives the statement, and a pooler gives the next one another session. Within a
    transaction it would do, and then whoever takes what is yielded slowly holds one open.
    """
    keys = list(rows.values_list("pk", flat=True))
    unordered = rows.order_by()
    for begin in range(0, len(keys), size):
        chunk = keys[begin : begin + size]
        found = {row.pk: row for row in unordered.filter(pk__in=chunk)}
        yield from (found[key] for key in chunk if key in found)
