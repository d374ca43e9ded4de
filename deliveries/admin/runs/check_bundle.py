"""Check a bundle: drop the files, read the answer of `check_bundle`; nothing is loaded or sent (reference 4.3)."""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import Signer
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import INPUT_CLASSES

from deliveries import conf
from deliveries.admin.shell.uploads import keep_together
from deliveries.intake.parsing.order import XSD
from deliveries.intake.rehearsal.answer import Rehearsal
from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.models import Newsletter, SftpSpace
from recipients.admin.access import OPERATORS, may
from recipients.admin.files import takes_files
from recipients.ids import id_in

# Files by hand, together; larger lists are checked by the command, beside the file.
MAX_BYTES: Final = 30 * 1024**2
MOST_FILES: Final = 10
_SAMPLES: Final = 20
ACCEPTED: Final = Signer(salt="files that a run would accept")
_SEMAPHORE: Final = ".ok"
_LONGEST_NAME: Final = 255  # bytes, of a file system
# Before the HTML in its sandboxed frame: nothing of it asks anybody, as in a delivery's preview without images.
FRAMED: Final = (
    "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; font-src data:\">"
)


class _Several(forms.ClearableFileInput):
    """An input that takes several files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """A list of uploads, each checked as one."""

    widget = _Several

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the uploads, none where none was chosen."""
        given = data if isinstance(data, list | tuple) else [data]
        return [kept for one in given if (kept := super(SeveralFilesField, self).clean(one, initial))]


class BundleForm(forms.Form):
    """The XML, the files that it names, and the space that it would be dropped on."""

    space = forms.ModelChoiceField(SftpSpace.objects.none(), label=lazy("Space"))
    xml = forms.FileField(label="XML", allow_empty_file=True)
    beside = SeveralFilesField(
        label=lazy("The files that it names"),
        help_text=lazy("CSV, zip, attachments: at most 10, together 30 MB."),
        required=False,
        allow_empty_file=True,  # a semaphore is empty, and an empty list has its own sentence
    )

    def __init__(self, *args: Any, spaces: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["space"].queryset = spaces  # type: ignore[attr-defined]  # a ModelChoiceField
        for one in self.fields.values():
            one.widget.attrs["class"] = " ".join(INPUT_CLASSES)

    def clean_xml(self) -> Any:
        """Refuse a name that no space holds; too large an XML is answered as a run answers it."""
        return _named([self.cleaned_data["xml"]])[0]

    def clean_beside(self) -> list[Any]:
        """Refuse too many files, too large ones, and two of one name."""
        files = self.cleaned_data["beside"]
        if len(files) > MOST_FILES:
            raise ValidationError(_("Choose at most %(most)d files.") % {"most": MOST_FILES})
        names = [file.name for file in [*files, self.cleaned_data.get("xml")] if file]
        if len(set(names)) < len(names):
            raise ValidationError(_("Two of the files have the same name: a space holds only one of them."))
        return _checked(files, MAX_BYTES)


def _checked(files: list[Any], most: int) -> list[Any]:
    if sum(file.size for file in files) > most:
        raise ValidationError(_("This is too large for this page: check it with the command."))
    return _named(files)


def _named(files: list[Any]) -> list[Any]:
    if any(len(file.name.encode()) > _LONGEST_NAME for file in files):
        raise ValidationError(_("The name of a file is too long: no space holds it."))
    return files


class CheckBundlePage:
    """A page of its own below the runs."""

    def __init__(self, runs: Any) -> None:
        self.runs = runs

    def urls(self) -> list[URLPattern]:
        view, schema = map(self.runs.admin_site.admin_view, (self.view, self.schema))
        return [
            path("check/", view, name="deliveries_processingrun_check"),
            path("check/xmldelivery.xsd", schema, name="deliveries_processingrun_schema"),
        ]

    def schema(self, request: HttpRequest) -> FileResponse:
        """Give the XSD as a file (reference 2)."""
        if not may(request, None, OPERATORS):
            raise PermissionDenied
        return FileResponse(XSD.open("rb"), as_attachment=True, content_type="application/xml")

    @takes_files(MAX_BYTES + 2 * conf.MAX_XML_BYTES)  # one that is too large is answered as a run answers it
    def view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and the answer below it."""
        if not may(request, None, OPERATORS):
            raise PermissionDenied
        spaces = admin.site.get_model_admin(SftpSpace).get_queryset(request).select_related("account")
        mine = [space.pk for space in spaces if may(request, space.account_id, OPERATORS)]
        asked = id_in(request.GET.get("space", ""))
        chosen = asked if asked in mine else mine[0] if len(mine) == 1 else None
        form = BundleForm(
            request.POST or None,
            request.FILES or None,
            spaces=spaces.filter(pk__in=mine),
            initial={"space": chosen},
        )
        answer = answer_of(form) if request.method == "POST" and form.is_valid() else None
        context = {
            **self.runs.admin_site.each_context(request),
            "opts": self.runs.opts,
            "title": _("Check a bundle"),
            "form": form,
            "answer": answer,
            "space": form.cleaned_data["space"] if answer else None,
            "token": keep_accepted(request, form) if answer and answer.accepted else "",
            "newsletters": _samples(request),
            "framed": FRAMED,
        }
        return TemplateResponse(request, "campaign/check_bundle.html", context)


def _samples(request: HttpRequest) -> list[Newsletter]:
    """Return the newsletters of which a sample bundle is offered."""
    rows = admin.site.get_model_admin(Newsletter).get_queryset(request).order_by("name")[:_SAMPLES]
    return [row for row in rows if may(request, row.account_id, OPERATORS)]


def answer_of(form: BundleForm) -> Rehearsal:
    """Rehearse the uploaded files in a folder of their own, which is gone afterwards."""
    space = form.cleaned_data["space"]
    folder = Path(tempfile.mkdtemp(prefix="check-"))
    try:
        xml = _written_upload(folder, form.cleaned_data["xml"])
        for file in form.cleaned_data["beside"]:
            _written_upload(folder, file)
        return rehearse(xml, account=space.account, space=space)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_accepted(request: HttpRequest, form: BundleForm) -> str:
    """Keep the files of an accepted bundle until they are put on the space; return what names them, signed.

    It is in the page alone: not even the session is changed by a check.
    """
    space, xml = form.cleaned_data["space"], form.cleaned_data["xml"]
    beside = [file for file in form.cleaned_data["beside"] if not file.name.lower().endswith(_SEMAPHORE)]
    return ACCEPTED.sign_object([keep_together([xml, *beside]), space.pk, xml.name, request.user.pk])


def _written_upload(folder: Path, upload: Any) -> Path:
    """Write an upload under its own name; Django has cut any path from it."""
    place = folder / Path(upload.name).name
    with place.open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    return place
