"""What belongs to the list of deliveries: its live part, a row's summary in place, the list as a file."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from deliveries.admin.communicate import people
from deliveries.admin.communicate.columns import state_of
from deliveries.admin.communicate.download import as_file
from deliveries.admin.communicate.summary import summary
from deliveries.admin.deliveries.tabs import chosen
from recipients.admin.badges import grouped

MOST_ROWS: Final = 50_000  # of a spreadsheet that is written while somebody waits


class ListPages:
    """Addresses below the list; the admin page itself says who may read."""

    def __init__(self, deliveries: Any) -> None:
        self.deliveries = deliveries

    def urls(self) -> list[URLPattern]:
        wrap = self.deliveries.admin_site.admin_view
        return [
            path("live/", wrap(self.live), name="deliveries_delivery_list_live"),
            path("list.<str:kind>", wrap(self.download), name="deliveries_delivery_download"),
            path("<path:object_id>/summary/", wrap(self.summary), name="deliveries_delivery_summary"),
        ]

    def live(self, request: HttpRequest) -> HttpResponse:
        """Return the counts of the tabs and the cells that change, of the rows that the same address lists now."""
        listed = self._listed(request)
        if listed is None:
            return HttpResponseBadRequest()
        rows = list(listed.result_list)
        counted = people.counts(rows)
        context = {
            "cl": listed,
            "delivery_tabs": self.deliveries.tabs(request),
            "rows": [(row, state_of(row), row.links[:1], row.links[1:], counted.get(row.pk)) for row in rows],
        }
        return TemplateResponse(request, "campaign/list_live.html", context)

    def summary(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return what the + of a row shows."""
        row = self.deliveries.readable(request, object_id)
        return TemplateResponse(request, "campaign/row_summary.html", {"row": row, "facts": summary(row)})

    def download(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Return everything that the list holds, not only the page that is open."""
        listed = self._listed(request)
        if listed is None or kind not in {"csv", "xlsx"}:
            return HttpResponseBadRequest()
        rows = listed.get_queryset(request)
        if kind == "xlsx" and rows[MOST_ROWS : MOST_ROWS + 1].exists():
            said = _(
                "These are more than %(most)s deliveries: download them as CSV, or narrow the list by its filters."
            )
            messages.error(request, said % {"most": grouped(MOST_ROWS)})
            return HttpResponseRedirect(
                f"{reverse('admin:deliveries_delivery_changelist')}?{request.GET.urlencode()}"
            )
        return as_file(rows, kind, received=chosen(request) == "finished")

    def _listed(self, request: HttpRequest) -> Any:
        """Return the list that the address asks for; None where it asks what no filter offers."""
        asked = request.GET.copy()
        asked.pop("rows", None)
        request.GET = asked  # type: ignore[assignment]  # a copy is a QueryDict too
        if not self.deliveries.has_view_permission(request):
            return None
        try:
            return self.deliveries.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return None
