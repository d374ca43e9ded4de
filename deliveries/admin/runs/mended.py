"""Check a mended XML: the answer for a corrected file, beside the lists that the failed run received."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import INPUT_CLASSES

from deliveries import conf
from deliveries.admin.runs.check_bundle import FRAMED
from deliveries.intake.rehearsal.rehearse import rehearse_mended
from deliveries.intake.runs.control import advice
from recipients.admin.access import OPERATORS, may, may_see_people
from recipients.admin.files import takes_files


class MendedForm(forms.Form):
    """The XML alone; the other files are those of the run."""

    xml = forms.FileField(
        label=lazy("The mended XML"),
        help_text=lazy("Its lists and attachments are taken as this run received them."),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"class": " ".join(INPUT_CLASSES)}),
    )


class MendedPage:
    """A page below a run that failed."""

    def __init__(self, runs: Any) -> None:
        self.runs = runs

    def urls(self) -> list[URLPattern]:
        view = self.runs.admin_site.admin_view(self.view)
        return [path("<path:object_id>/mended/", view, name="deliveries_processingrun_mended")]

    @takes_files(2 * conf.MAX_XML_BYTES)  # one that is too large is answered as a run answers it
    def view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form, and the answer below it; nothing is loaded, sent or kept."""
        run = self.runs.row_or_404(request, object_id)
        if not may(request, run.account_id, OPERATORS) or not may_see_people(request, run.account_id):
            raise PermissionDenied
        if not advice(run).mended_xml:
            return HttpResponseRedirect(self.runs.address_of(run))
        form = MendedForm(request.POST or None, request.FILES or None)
        answer = rehearse_mended(run, form.cleaned_data["xml"].read()) if form.is_valid() else None
        context = {
            **self.runs.admin_site.each_context(request),
            "opts": self.runs.opts,
            "original": run,
            "title": _("Check a mended XML for %(name)s") % {"name": run.file or run.semaphore},
            "below_row": True,
            "form": form,
            "answer": answer,
            "framed": FRAMED,
            "received": run.files.filter(role="xml").first(),
            "back": self.runs.address_of(run),
        }
        return TemplateResponse(request, "campaign/mended.html", context)
