"""The people behind a figure, a page at a time, with the rights of their file (reference 6)."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from deliveries.admin.reports.definitions import DEFINITIONS
from deliveries.admin.shell.badges import message_state
from deliveries.errors import ClientError
from deliveries.models import Delivery, Link, OwnTarget
from deliveries.statistics.people import LINK, messages_behind, some_of
from deliveries.statistics.words import FIGURES
from recipients.admin.access import may_see_people
from recipients.ids import id_in

A_PAGE: Final = 50


class PeopleOfFigure:
    """The page below a delivery's, for those who may see its people."""

    def __init__(self, deliveries: Any) -> None:
        self.deliveries = deliveries

    def urls(self) -> list[URLPattern]:
        view = self.deliveries.admin_site.admin_view(self.people)
        return [path("<path:object_id>/people/<str:what>/", view, name="deliveries_delivery_people")]

    def people(self, request: HttpRequest, object_id: str, what: str) -> HttpResponse:
        """List who is behind a figure or a link, each person once."""
        row: Delivery = self.deliveries.readable(request, object_id)
        if not may_see_people(request, row.account_id):
            raise PermissionDenied
        try:
            found = messages_behind(row, what)
        except ClientError as error:
            raise Http404 from error
        after = id_in(request.GET.get("after", ""))
        shown, more = some_of(found, after, A_PAGE)
        figure = _link(row, what.removeprefix(LINK)) if what.startswith(LINK) else capfirst(FIGURES[what])
        context = {
            **self.deliveries.admin_site.each_context(request),
            "opts": self.deliveries.opts,
            "original": row,
            "below_row": True,
            "title": _("%(figure)s: people of %(title)s") % {"figure": figure, "title": row.title},
            "delivery": row,
            "zone": row.account.time_zone,
            "what": what,
            "figure": figure,
            "meaning": DEFINITIONS.get(what, ""),
            "shown": [(message, message_state(message.status)) for message in shown],
            "after": after,
            "more": more,
        }
        return TemplateResponse(request, "campaign/delivery_people.html", context)


def _link(row: Delivery, key: str) -> str:
    """Return where a link leads, as the report calls it."""
    number = id_in(key)
    link = None if number is None else Link.objects.filter(delivery=row, number=number).first()
    own = None if link else OwnTarget.objects.filter(delivery=row, key=key).first()
    return link.url if link else own.url if own else _("other addresses")
