"""The blacklist as a list: import, export and chart below its page (reference 7)."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from recipients import audit
from recipients.admin.access import OPERATORS, accounts_of, may_see_people
from recipients.admin.badges import grouped
from recipients.admin.files import csv_file, on_disk, spreadsheet, takes_files
from recipients.errors import ClientError
from recipients.loading.dialect import Dialect
from recipients.loading.spreadsheets import opened_unmatched
from recipients.models import Account, BlacklistEntry, Reason
from recipients.suppressions import lists

MOST_BYTES: Final = 20 * 1024**2  # half a million addresses; each is entered while somebody waits
MOST_ROWS: Final = 50_000  # rows of a spreadsheet that is written while somebody waits


class ImportForm(forms.Form):
    """Whose list, and which file."""

    account = forms.ModelChoiceField(
        Account.objects.none(), label=lazy("account"), widget=UnfoldAdminSelectWidget, empty_label=None
    )
    file = forms.FileField(
        label=lazy("CSV, zip or XLSX"), widget=forms.ClearableFileInput(attrs={"class": " ".join(INPUT_CLASSES)})
    )

    def clean_file(self) -> Any:
        """Refuse what no such list may be."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file


class ListPages:
    """The pages below the blacklist."""

    def __init__(self, entries: Any) -> None:
        self._entries = entries

    def urls(self) -> list[URLPattern]:
        wrap = self._entries.admin_site.admin_view
        return [
            path("import/", wrap(self.upload), name="recipients_blacklistentry_import"),
            path("export.<str:kind>", wrap(self.download), name="recipients_blacklistentry_export"),
            path("chart/", wrap(self.chart), name="recipients_blacklistentry_chart"),
        ]

    @takes_files(MOST_BYTES)
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Show the form; enter the list's addresses, and say what became of each."""
        accounts = accounts_of(request, OPERATORS)
        if not accounts.exists():
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        form.fields["account"].queryset = accounts  # type: ignore[attr-defined]  # a ModelChoiceField
        context: dict[str, Any] = {"form": form}
        if request.method == "POST" and form.is_valid():
            try:
                context["found"] = _import(request, **form.cleaned_data)
            except ClientError as error:
                form.add_error("file", error.message)
        return TemplateResponse(
            request,
            "campaign/blacklist_import.html",
            {
                **self._entries.admin_site.each_context(request),
                "opts": self._entries.opts,
                "title": _("Import into the blacklist"),
                "back": reverse("admin:recipients_blacklistentry_changelist"),
                **context,
            },
        )

    def download(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Return the entries that the list shows, all pages of it, and keep in the history who took them."""
        if kind not in {"csv", "xlsx"}:
            raise Http404
        seen = [row for row in accounts_of(request, self._entries.readers) if may_see_people(request, row.pk)]
        if not seen:
            raise PermissionDenied
        entries = self._listed(request)
        if entries is None:
            return HttpResponseBadRequest()
        if kind == "xlsx" and entries[MOST_ROWS : MOST_ROWS + 1].exists():
            said = _(
                "These are more than %(most)s entries: download them as CSV, or narrow the list by its filters."
            )
            messages.error(request, said % {"most": grouped(MOST_ROWS)})
            return HttpResponseRedirect(reverse("admin:recipients_blacklistentry_changelist"))
        for account in seen:
            audit.record(account.pk, request.user, audit.Verb.BLACKLIST_EXPORTED, account)
        rows = lists.export_rows(entries)
        response = csv_file(rows) if kind == "csv" else spreadsheet([(_("Blacklist"), rows)])
        response["Content-Disposition"] = f'attachment; filename="blacklist.{kind}"'
        return response

    def chart(self, request: HttpRequest) -> HttpResponse:
        """Return how many of the entries that the list shows have each reason, and which domains have the most."""
        entries = self._listed(request)
        if entries is None or not self._entries.has_view_permission(request):
            return HttpResponseBadRequest()
        by_reason = [(Reason(number).label, count) for number, count in lists.by_reason(entries)]
        charts = [
            (_("By reason"), _bars(by_reason)),
            (_("By domain, the first ten"), _bars(lists.by_domain(entries))),
        ]
        return TemplateResponse(request, "campaign/blacklist_chart.html", {"charts": charts})

    def _listed(self, request: HttpRequest) -> QuerySet[BlacklistEntry] | None:
        """Return what search and filters of the list leave; None where they ask what there is not."""
        asked = request.GET.copy()
        asked.pop("p", None)
        request.GET = asked  # type: ignore[assignment]  # a copy is a QueryDict too
        try:
            shown = self._entries.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return None
        return BlacklistEntry.objects.filter(pk__in=shown.values("pk"))


def _bars(counted: Iterable[tuple[StrOrPromise, int]]) -> list[tuple[StrOrPromise, int, str]]:
    """Return name, number and the bar's width against the longest."""
    lines = list(counted)
    longest = max((number for _name, number in lines), default=1)
    return [(name, number, f"{100 * number / longest:.1f}%") for name, number in lines]


def _import(request: HttpRequest, account: Account, file: UploadedFile[bytes]) -> lists.Imported:
    """Enter what a list holds; it is read as lists of people are. Raises ClientError."""
    found = lists.Imported()
    with (
        on_disk(file) as path,
        opened_unmatched(path, Dialect(), "address") as (names, records),
        transaction.atomic(),
    ):
        rows = (row for batch in records.batches(found.refuse) for row in zip(batch.lines, batch.rows, strict=True))
        lists.import_rows(account, names, rows, request.user, found)  # type: ignore[arg-type]  # signed in
        audit.record(account.pk, request.user, audit.Verb.BLACKLIST_IMPORTED, account, entered=found.entered)
    return found
