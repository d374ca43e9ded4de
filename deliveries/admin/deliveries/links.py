"""The Links tab: the links of the message with their clicks, and their categories, editable also after sending."""

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliveries.admin.reports.categories import category_in_words
from deliveries.composition import source_of
from deliveries.conf import MAX_LINK_CATEGORY
from deliveries.content import compile_source
from deliveries.errors import ClientError
from deliveries.models import Content, Delivery, Link
from deliveries.sending.lifecycle.link_categories import Change, categorise, chosen_categories
from deliveries.statistics.report import report
from deliveries.statistics.words import in_words
from recipients.admin.access import OPERATORS, may
from recipients.ids import id_in

_CHOSEN: Final = "category-"
_SEEN: Final = "seen-"


def context(row: Delivery, *, people: bool) -> dict[str, Any]:
    """Return what the tab shows: before the start what would be tracked, afterwards what is."""
    if row.size is None:
        return _before(row)
    links = {link.number: link for link in Link.objects.filter(delivery=row)}
    lines = [_line(row, line, links.get(line["id"]), people=people) for line in report(row, people=people)["links"]]
    return {"lines": lines, "most": MAX_LINK_CATEGORY, "editable": bool(links)}


def _before(row: Delivery) -> dict[str, Any]:
    try:
        compiled = compile_source(source_of(row))
    except Content.DoesNotExist:
        return {}
    except ClientError as error:
        return {"unread": error.message}
    names, chosen = row.newsletter.link_categories, chosen_categories(row)
    return {
        "lines": [
            {
                "name": link.name,
                "url": link.url,
                "category": category_in_words(names, chosen.get(link.url, link.category)),
            }
            for link in compiled.links
        ]
    }


def _line(row: Delivery, told: dict[str, Any], link: Link | None, *, people: bool) -> dict[str, Any]:
    """Return one line of the report; a link in a person's own page has no row, so no name and no category."""
    names = row.newsletter.link_categories
    numbers = sorted({0, told["category"], *names.values()})
    return {
        "number": link.number if link else None,
        "name": link.name if link else "",
        "url": told["url"] or _("other addresses"),
        "current": told["category"],
        "category": category_in_words(names, told["category"]) if link else "",
        "choices": [(number, category_in_words(names, number)) for number in numbers] if names else [],
        "clicks": [in_words(told[figure]) for figure in ("clicks", "unique_clicks")],
        "people": f"link:{told['id']}" if people and told["clicks"] and told["id"] else "",
    }


class LinksPage:
    """Where the tab's form goes; what was seen comes along, so that nobody writes over another's edit."""

    def __init__(self, deliveries: Any) -> None:
        self.deliveries = deliveries

    def urls(self) -> list[URLPattern]:
        view = self.deliveries.admin_site.admin_view(self.save)
        return [path("<path:object_id>/links/", view, name="deliveries_delivery_links")]

    def save(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write the chosen categories, and show the tab again."""
        row: Delivery = self.deliveries.readable(request, object_id)
        if not may(request, row.account_id, OPERATORS):
            raise PermissionDenied
        if request.method == "POST":
            try:
                changed = categorise(row, _changes(request), actor=request.user)  # type: ignore[arg-type]  # signed in
            except ClientError as error:
                messages.error(request, error.message)
            else:
                said = ngettext(
                    "The category of %(n)s link is saved.", "The categories of %(n)s links are saved.", changed
                )
                messages.success(request, said % {"n": changed} if changed else _("No category was changed."))
        return HttpResponseRedirect(f"{reverse('admin:deliveries_delivery_change', args=[row.pk])}?tab=links")


def _changes(request: HttpRequest) -> list[Change]:
    """Return what the form asks. Raises ClientError for what is not the number of a category."""
    found = []
    for name in request.POST:
        number = name.removeprefix(_CHOSEN)
        if number == name:
            continue
        told = (number, request.POST.get(f"{_SEEN}{number}", ""), request.POST[name].strip())
        numbers = [whole for text in told if (whole := id_in(text)) is not None and whole <= MAX_LINK_CATEGORY]
        if len(numbers) < len(told):
            raise ClientError(
                "LINK_CATEGORY", _("Write a category as a number from 0 to %(most)s.") % {"most": MAX_LINK_CATEGORY}
            )
        found.append(Change(*numbers))
    return found
