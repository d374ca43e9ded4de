"""Import by hand: choose a list and a way, read what would happen, then let it happen (reference 3.3)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from deliveries import audience
from deliveries.admin.shell.uploads import keep, place_of, remember, take
from recipients import audit
from recipients import conf as limits
from recipients.admin.access import OPERATORS, may
from recipients.admin.badges import grouped
from recipients.admin.refusals import sentence
from recipients.admin.uploads import takes_files
from recipients.errors import ClientError, ServiceError
from recipients.loading.modes import Changes, Mode
from recipients.models import Database

# What the page may show of bad rows; all of them are counted.
SHOWN: Final = 100
TAKES_AWAY: Final = frozenset({Mode.REPLACE, Mode.DELETE})


class ImportForm(forms.Form):
    """The list, and what to do with its rows."""

    file = forms.FileField(
        label=lazy("CSV, zip or XLSX"), widget=forms.ClearableFileInput(attrs={"class": " ".join(INPUT_CLASSES)})
    )
    mode = forms.ChoiceField(
        label=lazy("What to do"),
        widget=UnfoldAdminSelectWidget,
        initial=Mode.INSERT_NEW,  # the same list twice makes nobody stand there twice
        choices=[
            (Mode.INSERT, lazy("Add all rows")),
            (Mode.INSERT_NEW, lazy("Add those who are not there yet")),
            (Mode.UPDATE, lazy("Update those who are there")),
            (Mode.REPLACE, lazy("Replace everybody by this list")),
            (Mode.DELETE, lazy("Delete those who are in this list")),
        ],
    )

    def clean_file(self) -> Any:
        """Refuse what no list may be."""
        file = self.cleaned_data["file"]
        if file.size > limits.MAX_CSV_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 GB."))
        return file


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
        if request.method == "POST" and "go" in request.POST:
            return self._go(request, database)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self._simulated(request, database, form)
        return self._page(request, database, form=form)

    def _simulated(self, request: HttpRequest, database: Database, form: ImportForm) -> HttpResponse:
        mode, upload = Mode(form.cleaned_data["mode"]), form.cleaned_data["file"]
        token = keep(upload)
        try:
            changes = do(database, place_of(token), mode, simulate=True)
            warnings = list(_warnings(database, place_of(token), mode, changes))
        except (ClientError, ServiceError) as error:
            place_of(token).unlink(missing_ok=True)
            return self._page(request, database, form=form, problem=sentence(error))
        remember(request, token, {"database": database.pk, "mode": mode.value, "name": upload.name[:200]})
        return self._page(request, database, changes=changes, warnings=warnings, name=upload.name, token=token)

    def _go(self, request: HttpRequest, database: Database) -> HttpResponse:
        token = request.POST.get("token", "")
        chosen = take(request, token, database=database.pk)
        if chosen is None:
            messages.error(request, _("The list is no longer here: choose it again."))
            return HttpResponseRedirect(request.path)
        place, mode = place_of(token), Mode(chosen["mode"])
        try:
            changes = do(database, place, mode, simulate=False)
        except (ClientError, ServiceError) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(request.path)
        finally:
            place.unlink(missing_ok=True)
        audit.note(
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
            "title": _("Import"),
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


def _warnings(database: Database, place: Path, mode: Mode, changes: Changes) -> Iterator[str]:
    """Yield what to know before it is done. Raises what `do` raises."""
    if mode == Mode.INSERT:
        new = do(database, place, Mode.INSERT_NEW, simulate=True).inserted
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


def do(database: Database, place: Path, mode: Mode, *, simulate: bool) -> Changes:
    """Import what was uploaded. Raises ClientError, ServiceError, LockedError."""
    if database.read_only:
        raise ClientError("READ_ONLY", _("The database is read-only: nothing can be loaded into it."))
    return audience.import_people(database, place, mode, simulate=simulate)
