"""Check a bundle: drop the files, read the answer of `check_bundle`; nothing is stored (reference 4.3)."""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import INPUT_CLASSES

from deliveries import conf
from deliveries.intake.rehearse import Rehearsal, rehearse
from deliveries.models import SftpSpace
from recipients.admin.walls import ACTORS, may

# A file by hand; larger lists are checked by the command, beside the file.
MAX_BYTES: Final = 30 * 1024**2


class BundleForm(forms.Form):
    """The XML, the file that it names, and the space that it would be dropped on."""

    space = forms.ModelChoiceField(SftpSpace.objects.none(), label=lazy("Space"))
    xml = forms.FileField(label="XML")
    recipients = forms.FileField(label=lazy("CSV or zip"), required=False)

    def __init__(self, *args: Any, spaces: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["space"].queryset = spaces  # type: ignore[attr-defined]  # a ModelChoiceField
        for one in self.fields.values():
            one.widget.attrs["class"] = " ".join(INPUT_CLASSES)

    def clean(self) -> dict[str, Any]:
        """Refuse what is too large for a page."""
        cleaned = super().clean() or self.cleaned_data
        for name, most in (("xml", conf.MAX_XML_BYTES), ("recipients", MAX_BYTES)):
            if cleaned.get(name) and cleaned[name].size > most:
                self.add_error(name, _("The file is too large for this page: check it with the command."))
        return cleaned


class CheckBundlePage:
    """A page of its own below the runs."""

    def __init__(self, runs: Any) -> None:
        self.runs = runs

    def urls(self) -> list[URLPattern]:
        """Return its address."""
        view = self.runs.admin_site.admin_view(self.view)
        return [path("check/", view, name="deliveries_processingrun_check")]

    def view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and the answer below it."""
        if not may(request, None, ACTORS):
            raise PermissionDenied
        spaces = admin.site.get_model_admin(SftpSpace).get_queryset(request).select_related("account")
        mine = [space.pk for space in spaces if may(request, space.account_id, ACTORS)]
        form = BundleForm(request.POST or None, request.FILES or None, spaces=spaces.filter(pk__in=mine))
        answer = answer_of(form) if request.method == "POST" and form.is_valid() else None
        context = {
            **self.runs.admin_site.each_context(request),
            "opts": self.runs.opts,
            "title": _("Check a bundle"),
            "form": form,
            "answer": answer,
        }
        return TemplateResponse(request, "campaign/check_bundle.html", context)


def answer_of(form: BundleForm) -> Rehearsal:
    """Rehearse the uploaded files in a folder of their own, which is gone afterwards."""
    space = form.cleaned_data["space"]
    folder = Path(tempfile.mkdtemp(prefix="check-"))
    try:
        xml = _kept(folder, form.cleaned_data["xml"])
        if form.cleaned_data["recipients"]:
            _kept(folder, form.cleaned_data["recipients"])
        return rehearse(xml, account=space.account, space=space)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kept(folder: Path, upload: Any) -> Path:
    """Write an upload under its own name; Django has cut any path from it."""
    place = folder / Path(upload.name).name
    with place.open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    return place
