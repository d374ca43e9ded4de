"""The rows of one page of the list, with what is shown beside them read in one go: progress, labels, actions."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.admin.views.main import ORDER_VAR
from django.http import HttpRequest
from django_stubs_ext import StrOrPromise
from unfold.views import ChangeList

from deliveries.admin.deliveries.progress import progress_of, seconds_between_looks
from deliveries.admin.deliveries.tabs import chosen, nothing_in
from deliveries.admin.reports import archive
from deliveries.models import Label

_LABELS: Final = 3  # more would make the row higher than its other cells
_RESTING: Final = 10  # seconds between two looks while nothing on the page changes soon
# Parameters of the address that are not a filter somebody chose: the button shows none for them.
_NO_FILTERS: Final = frozenset({"tab", "q", "p", "o", "all", "tests"})


class DeliveryList(ChangeList):  # type: ignore[misc]  # Unfold ships no types
    """Sets on each row what its columns show: two queries whatever the number of rows."""

    nothing_here: StrOrPromise = ""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        dress(request, self.model_admin, self.result_list)
        self.nothing_here = nothing_in(chosen(request))

    def get_filters(self, request: HttpRequest) -> Any:
        """Count the tabs as no filter."""
        *others, _active = super().get_filters(request)
        return (*others, bool(set(request.GET) - _NO_FILTERS))

    def get_ordering_field_columns(self) -> Any:
        """Mark a column as sorted only where somebody chose it: the marks cost the width of a column."""
        return super().get_ordering_field_columns() if ORDER_VAR in self.params else {}

    @property
    def rows_shown(self) -> str:
        """Return what tells an open page whether it must read the list anew."""
        return ",".join(str(row.pk) for row in self.result_list)

    @property
    def asked(self) -> str:
        """Return the search and the filters as an address carries them, without the page."""
        return urlencode({name: value for name, value in self.params.items() if name != "p"})

    @property
    def every(self) -> int:
        """Return after how many seconds an open page asks again."""
        soon = [seconds_between_looks(row, row.progress) for row in self.result_list]
        return min((seconds for seconds in soon if seconds), default=_RESTING)


def dress(request: HttpRequest, deliveries: Any, rows: Sequence[Any]) -> None:
    """Set progress, the first labels and the actions on each row."""
    started = [row.pk for row in rows if row.size is not None]
    found = progress_of(started) if started else {}
    labels: dict[int, list[Label]] = {}
    for label in Label.objects.filter(delivery__in=[row.pk for row in rows]).order_by("id"):
        labels.setdefault(label.delivery_id, []).append(label)
    for row in rows:
        row.progress = found.get(row.pk)
        row.labels_shown = labels.get(row.pk, [])[:_LABELS]
        row.links = deliveries.dialog_links(request, row)
    if chosen(request) == "finished":
        archive.dress(rows)
