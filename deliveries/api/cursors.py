"""Pages by cursor: what is added meanwhile moves no row to another page."""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from django.db.models import Model, QuerySet
from ninja import Query

MOST: Final = 200  # rows of an answer, which is made whole before it is sent
_Row = TypeVar("_Row", bound=Model)

Limit = Annotated[int, Query(50, ge=1, le=MOST, description="how many at most")]
Cursor = Annotated[str | None, Query(None, pattern=r"^c[0-9]{1,18}$", description="`next` of the page before")]


def write(last_id: int) -> str:
    """Return the cursor of the page that goes on after this id."""
    return f"c{last_id}"


def read(cursor: str | None) -> int | None:
    """Return the id after which the page goes on; None: it is the first."""
    return None if cursor is None else int(cursor[1:])


def page(rows: QuerySet[_Row], limit: int, cursor: str | None) -> tuple[list[_Row], str | None]:
    """Return the page of rows, newest first, and the cursor of the next one."""
    after = read(cursor)
    ordered = rows.order_by("-pk") if after is None else rows.filter(pk__lt=after).order_by("-pk")
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    return found[:limit], write(found[limit - 1].pk) if more else None


def shaped(
    rows: QuerySet[_Row], limit: int, cursor: str | None, shape: Callable[[_Row], dict[str, Any]]
) -> dict[str, Any]:
    """Return a page as it is answered."""
    found, following = page(rows, limit, cursor)
    return {"items": [shape(row) for row in found], "next": following}
