"""The blacklist as a list: import and export below its page (reference 7)."""

from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from recipients import audit
from recipients.admin.access import OPERATORS, accounts_of, may_see_people
from recipients.admin.uploads import takes_files
from recipients.csv_lines import csv_lines
from recipients.errors import ClientError
from recipients.models import Account, BlacklistEntry
from recipients.suppressions import lists

MOST_BYTES: Final = 20 * 1024**2


class ImportForm(forms.Form):
    """Whose list, and which file."""

    account = forms.ModelChoiceField(
        Account.objects.none(), label=lazy("account"), widget=UnfoldAdminSelectWidget, empty_label=None
    )
    file = forms.FileField(
        label="CSV", widget=forms.ClearableFileInput(attrs={"class": " ".join(INPUT_CLASSES), "accept": ".csv"})
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
            path("export.csv", wrap(self.download), name="recipients_blacklistentry_export"),
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
                context["found"] = _import(request, form.cleaned_data)
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

    def download(self, request: HttpRequest) -> StreamingHttpResponse:
        """Return the entries that this user may see, as CSV, and keep in the history who took them."""
        entries = self._entries.get_queryset(request)
        accounts = list(accounts_of(request, self._entries.readers))
        seen = [account for account in accounts if may_see_people(request, account.pk)]
        if not seen:
            raise PermissionDenied
        for account in seen:
            audit.note(account.pk, request.user, audit.Verb.BLACKLIST_EXPORTED, account)
        rows = lists.export_rows(BlacklistEntry.objects.filter(pk__in=entries.values("pk")))
        response = StreamingHttpResponse(csv_lines(rows, mark=True), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="blacklist.csv"'
        return response


def _import(request: HttpRequest, data: dict[str, Any]) -> lists.Imported:
    try:
        text = data["file"].read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClientError("BLACKLIST_ENCODING", _("The file is not in UTF-8: save it so.")) from error
    with transaction.atomic():
        found = lists.import_lines(data["account"], text.splitlines(keepends=True), request.user)  # type: ignore[arg-type]  # signed in
        audit.note(
            data["account"].pk, request.user, audit.Verb.BLACKLIST_IMPORTED, data["account"], entered=found.entered
        )
    return found
