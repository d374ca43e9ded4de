"""Pages of the list of deliveries that cost the same on the first page and the last, whatever their number."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property


class DeliveryPages(Paginator):  # type: ignore[misc]  # the stubs leave its row's type open
    """Finds the ids of a page first, in an index, and reads only their rows; `known` spares it the count."""

    def __init__(self, rows: Any, per_page: int, *, known: int | None = None, **kwargs: Any) -> None:
        super().__init__(rows, per_page, **kwargs)
        self.known = known

    @cached_property
    def count(self) -> int:
        return self.object_list.count() if self.known is None else self.known

    def page(self, number: Any) -> Page[Any]:
        """Return the page: with the wide rows joined, a late page sorted all of those before it."""
        found = super().page(number)
        ids = list(found.object_list.values_list("pk", flat=True))
        everything = self.object_list.model.objects.select_related(*self.object_list.query.select_related)
        rows = everything.in_bulk(ids)
        found.object_list = [rows[pk] for pk in ids if pk in rows]
        return found
