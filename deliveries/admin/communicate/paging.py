"""Pages of the list of deliveries that cost the same on the first page and the last, whatever their number."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property


class DeliveryPages(Paginator):  # type: ignore[type-arg]  # no subscript at run time
    """Finds the ids of a page first, in an index, and reads only their rows; `known` spares it the count."""

    def __init__(self, rows: Any, per_page: int, *, known: int | None = None, **kwargs: Any) -> None:
        super().__init__(rows, per_page, **kwargs)
        self.rows, self.known = rows, known

    @cached_property
    def count(self) -> int:
        return int(self.rows.count()) if self.known is None else self.known

    def page(self, number: Any) -> Page[Any]:
        """Return the page: with the wide rows joined, a late page sorted all of those before it."""
        found = super().page(number)
        first = (found.number - 1) * self.per_page
        ids = list(self.rows.values_list("pk", flat=True)[first : first + self.per_page])
        everything = self.rows.model.objects.select_related(*self.rows.query.select_related)
        rows = everything.in_bulk(ids)
        return Page([rows[pk] for pk in ids if pk in rows], found.number, self)
