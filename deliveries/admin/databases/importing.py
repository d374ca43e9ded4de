"""Import by hand: choose a list and a way, read what would happen, then let it happen (reference 3.3)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliveries import audience
from deliveries.admin.databases import matching
from deliveries.admin.databases.import_form import ImportForm
from deliveries.admin.shell.uploads import keep, place_of, remember, take
from recipients import audit
from recipients import conf as limits
from recipients.admin.access import OPERATORS, may
from recipients.admin.badges import grouped
from recipients.admin.files import takes_files
from recipients.admin.refusals import sentence
from recipients.errors import ClientError, ServiceError
from recipients.loading.modes import Changes, Mode
from recipients.models import Database

# What the page may show of bad rows; all of them are counted.
SHOWN: Final = 100
Chosen = dict[str, Any]
TAKES_AWAY: Final = frozenset({Mode.REPLACE, Mode.DELETE})


class ImportPages:
    """The import below a database's page: each upload waits under a token of its own until it is confirmed."""

    def __init__(self, databases: Any) -> None:
        self.databases = databases

    def urls(self) -> list[URLPattern]:
        view = self.databases.admin_site.admin_view(self.view)
        return [path("<path:object_id>/import/", view, name="recipients_database_import")]

    @takes_files(limits.MAX_CSV_BYTES)
    def view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET shows the form; POST simulates an upload, or does what was simulated."""
        database = self.databases.row_or_404(request, object_id)
        if not may(request, database.account_id, OPERATORS):
            raise PermissionDenied
        if request.method == "POST" and ("go" in request.POST or "match" in request.POST):
            return self._next(request, database)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            upload = form.cleaned_data["file"]
            chosen = {"database": database.pk, "mode": form.cleaned_data["mode"], "name": upload.name[:200]}
            return self._simulated(request, database, keep(upload), chosen, form=form)
        return self._page(request, database, form=form)

    def _next(self, request: HttpRequest, database: Database) -> HttpResponse:
        """Go on with the list that an earlier step kept."""
        token = request.POST.get("token", "")
        chosen = take(request, token, database=database.pk)
        if chosen is None:
            messages.error(request, _("The list is no longer here: choose it again."))
            return HttpResponseRedirect(request.path)
        step = self._go if "go" in request.POST else self._matched
        return step(request, database, token, chosen)

    def _simulated(
        self, request: HttpRequest, database: Database, token: str, chosen: Chosen, form: ImportForm | None = None
    ) -> HttpResponse:
        """Show what it would do; where its columns are not the fields, ask for them."""
        place, mode, fields = place_of(token), Mode(chosen["mode"]), chosen.get("fields")
        try:
            changes = do(database, place, mode, simulate=True, fields=fields)
            warnings = list(_warnings(database, place, mode, changes, fields))
        except (ClientError, ServiceError) as error:
            if error.code in matching.MATCHABLE:
                return self._page_of_columns(request, database, token, chosen, problem=sentence(error))
            place.unlink(missing_ok=True)
            return self._page(request, database, form=form or ImportForm(), problem=sentence(error))
        remember(request, token, chosen)
        facts = {"changes": changes, "warnings": warnings, "name": chosen["name"], "token": token}
        return self._page(request, database, **facts)

    def _page_of_columns(
        self, request: HttpRequest, database: Database, token: str, chosen: Chosen, problem: str = ""
    ) -> HttpResponse:
        """Show the columns of the list with their first values, and the field that each may be."""
        try:
            shown = matching.columns_of(database, place_of(token), Mode(chosen["mode"]), chosen.get("fields"))
        except ClientError as error:
            return self._page(request, database, form=ImportForm(), problem=sentence(error))
        remember(request, token, chosen)
        return self._page(request, database, problem=problem, token=token, name=chosen["name"], **shown)

    def _matched(self, request: HttpRequest, database: Database, token: str, chosen: Chosen) -> HttpResponse:
        """Take what was chosen for each column, or open the choice."""
        fields = matching.chosen_fields(request.POST)
        if not fields:
            return self._page_of_columns(request, database, token, chosen)
        return self._simulated(request, database, token, {**chosen, "fields": fields})

    def _go(self, request: HttpRequest, database: Database, token: str, chosen: Chosen) -> HttpResponse:
        place, mode = place_of(token), Mode(chosen["mode"])
        try:
            changes = do(database, place, mode, simulate=False, fields=chosen.get("fields"))
            matching.remember_choice(database, place, mode, chosen.get("fields"))
        except (ClientError, ServiceError) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(request.path)
        finally:
            place.unlink(missing_ok=True)
        audit.record(
            database.account_id,
            request.user,
            audit.Verb.PEOPLE_IMPORTED,
            database,
            file=chosen["name"],
            mode=mode.value,
            inserted=changes.inserted,
            updated=changes.updated,
            deleted=changes.deleted,
        )
        messages.success(request, counts_in_words(changes))
        return HttpResponseRedirect(self.databases.address_of(database))

    def _page(self, request: HttpRequest, database: Database, **facts: Any) -> HttpResponse:
        context = {
            **self.databases.admin_site.each_context(request),
            "opts": self.databases.opts,
            "original": database,
            "title": _("Import into %(name)s") % {"name": database.name},
            "below_row": True,
            "back": self.databases.address_of(database),
            **facts,
        }
        changes: Changes | None = facts.get("changes")
        if changes is not None:
            context |= {
                "faults": changes.rows.faults[:SHOWN],
                "said": counts_in_words(changes),
                "bad": changes.rows.bad,
            }
        return TemplateResponse(request, "campaign/import.html", context)


def counts_in_words(changes: Changes) -> str:
    """Return the counts of an import in words."""
    numbers = {
        name: grouped(value)
        for name, value in (
            ("inserted", changes.inserted),
            ("updated", changes.updated),
            ("deleted", changes.deleted),
            ("bad", changes.rows.bad),
        )
    }
    return _("Added %(inserted)s, updated %(updated)s, deleted %(deleted)s, bad rows %(bad)s.") % numbers


def _warnings(
    database: Database, place: Path, mode: Mode, changes: Changes, fields: list[str] | None
) -> Iterator[str]:
    """Yield what to know before it is done. Raises what `do` raises."""
    if mode == Mode.INSERT:
        new = do(database, place, Mode.INSERT_NEW, simulate=True, fields=fields).inserted
        if twice := changes.inserted - new:
            yield ngettext(
                "%(n)s of these rows is in the database already, or twice in the list: it would be there twice.",
                "%(n)s of these rows are in the database already, or twice in the list: they would be there twice.",
                twice,
            ) % {"n": grouped(twice)}
    if mode in TAKES_AWAY:
        yield _("This cannot be undone.")
        if delivery := audience.going_out([database]).get(database.pk):
            yield _("Delivery %(id)s is going out: this can be done when it has ended.") % {"id": delivery}


def do(database: Database, place: Path, mode: Mode, *, simulate: bool, fields: list[str] | None = None) -> Changes:
    """Import what was uploaded. Raises ClientError, ServiceError, LockedError."""
    if database.read_only:
        raise ClientError("READ_ONLY", _("The database is read-only: nothing can be loaded into it."))
    return audience.import_people(database, place, mode, simulate=simulate, fields=fields)
