"""People of a database: look one up, take the list away as a CSV (reference 3.1)."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from deliveries.admin.databases import people_file
from deliveries.admin.people.person_pages import address_of
from recipients import audit, tables
from recipients.admin.access import may_see_people
from recipients.ids import id_in
from recipients.models import Database

A_PAGE: Final = 25
SHOWN_COLUMNS: Final = 7  # more do not fit a window of 1280


class PeoplePages:
    """The pages below a database: for those who may see personal data."""

    def __init__(self, databases: Any) -> None:
        self.databases = databases

    def urls(self) -> list[URLPattern]:
        wrap = self.databases.admin_site.admin_view
        return [
            path("<path:object_id>/people/<int:person_id>/", wrap(self.one), name="recipients_database_person"),
            path("<path:object_id>/people/", wrap(self.many), name="recipients_database_people"),
            path("<path:object_id>/people.<str:kind>", wrap(self.download), name="recipients_database_export"),
        ]

    def many(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """List the newest, or those whose address or key begins with what was typed."""
        database = self._readable(request, object_id)
        asked, before = _search_text(request), id_in(request.GET.get("before", ""))
        found = tables.find_people(database, asked, before=before, limit=A_PAGE + 1)
        names = [column.name for column in tables.columns(database)][:SHOWN_COLUMNS]
        values = tables.read_values(database, found[:A_PAGE])
        column = tables.address_column(database)
        shown = [(name, name == column) for name in names]
        lines = [
            (key, [(values[key].get(name.lower()), leads) for name, leads in shown])
            for key in found[:A_PAGE]
            if key in values
        ]
        more = found[A_PAGE - 1] if len(found) > A_PAGE else None
        title = _("People of %(name)s") % {"name": database.name}
        facts = {"title": title, "names": names, "lines": lines, "asked": asked, "more": more}
        return self._page(request, database, "campaign/people.html", facts)

    def one(self, request: HttpRequest, object_id: str, person_id: int) -> HttpResponse:
        """Lead from a row to its person's page; a row without an address has nothing but its fields."""
        database = self._readable(request, object_id)
        values = tables.read_values(database, [person_id]).get(person_id) if person_id < 2**63 else None
        if values is None:
            raise Http404
        address = str(values.get(tables.address_column(database).lower()) or "")
        if address:
            return HttpResponseRedirect(address_of(database.account_id, address))
        fields = [(column.name, values.get(column.key)) for column in tables.columns(database)]
        facts = {"title": _("Person %(id)s") % {"id": person_id}, "fields": fields}
        return self._page(request, database, "campaign/person_without_address.html", facts)

    def download(self, request: HttpRequest, object_id: str, kind: str) -> HttpResponseBase:
        """Return everybody, or whom the search found, as a file, and keep in the history who took it."""
        database, asked = self._readable(request, object_id), _search_text(request)
        name = people_file.name_of(database, kind)
        if people_file.is_large(database, asked):
            return people_file.ask(request, database, asked, kind)
        audit.record(database.account_id, request.user, audit.Verb.PEOPLE_EXPORTED, database, file=name)
        return people_file.as_file(database, asked, kind)

    def _readable(self, request: HttpRequest, object_id: str) -> Database:
        database: Database = self.databases.row_or_404(request, object_id)
        if not may_see_people(request, database.account_id):
            raise PermissionDenied
        return database

    def _page(self, request: HttpRequest, database: Database, template: str, facts: dict[str, Any]) -> HttpResponse:
        context = {
            **self.databases.admin_site.each_context(request),
            "opts": self.databases.opts,
            "original": database,
            "below_row": True,
            "zone": database.account.time_zone,
            **facts,
        }
        return TemplateResponse(request, template, context)


def _search_text(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:320]
