"""Runs: what became of each bundle, step by step, live while it loads."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from unfold.views import ChangeList

from deliveries.admin.runs import files
from deliveries.admin.runs.actions import DIALOGS
from deliveries.admin.runs.check_bundle import CheckBundlePage
from deliveries.admin.runs.mended import MendedPage
from deliveries.admin.runs.put_on_space import PutOnSpacePages
from deliveries.admin.runs.run_list import RunList
from deliveries.admin.shell.badges import run_state, step
from deliveries.admin.shell.masking import mask
from deliveries.intake.runs import xml_report
from deliveries.intake.runs.control import advice
from deliveries.models import ProcessingRun, RunStatus
from recipients.admin.access import OPERATORS, READERS, ScopedRelatedFilter, may, may_see_people
from recipients.admin.badges import grouped, moment, name
from recipients.admin.dialogs import DialogsMixin

ROW_ERRORS_ON_THE_PAGE = 100  # the file has them all
MINUTE = 60


@admin.register(ProcessingRun)
class RunAdmin(DialogsMixin):
    """One bundle a row."""

    nothing = lazy("No bundle came yet: drop its files on a space, the semaphore last, and its run shows here.")
    readers = READERS
    list_display = (
        "named",
        "space",
        "began",
        "took",
        "shown_state",
        "shown_step",
        "rows",
        "linked_delivery",
        "error_sentence",
    )
    list_filter = (("space", ScopedRelatedFilter), "status", ("started_at", admin.DateFieldListFilter))
    list_select_related = ("space", "delivery", "account")
    list_before_template = "campaign/runs_live.html"
    search_fields = ("file", "id")
    ordering = ("-id",)
    dialogs = DIALOGS

    @admin.display(description=lazy("file"), ordering="file")
    def named(self, run: ProcessingRun) -> Any:
        """Return the XML's name; of a bundle without one, the semaphore's."""
        return name(run.file or run.semaphore)

    @admin.display(description=lazy("began"), ordering="id")
    def began(self, run: ProcessingRun) -> Any:
        """Return when the semaphore was found."""
        return moment(run.started_at)

    @admin.display(description=lazy("took"))
    def took(self, run: ProcessingRun) -> str:
        """Return the seconds from the semaphore to the end, or until now."""
        seconds = ((run.ended_at or now()) - run.started_at).total_seconds()
        if seconds < MINUTE:
            return _("%(seconds)s s") % {"seconds": number_format(round(seconds, 1), 1)}
        return _("%(minutes)d min") % {"minutes": seconds // MINUTE}

    @admin.display(description=lazy("status"), ordering="status")
    def shown_state(self, run: ProcessingRun) -> Any:
        return run_state(run)

    @admin.display(description=lazy("step"), ordering="sub_status")
    def shown_step(self, run: ProcessingRun) -> Any:
        return step(run.sub_status)

    @admin.display(description=lazy("recipients"))
    def rows(self, run: ProcessingRun) -> str:
        if run.rows_good is None:
            return f"{grouped(run.rows_so_far)}…" if run.rows_so_far else "—"
        bad = ngettext("%(n)s bad", "%(n)s bad", run.rows_bad or 0) % {"n": grouped(run.rows_bad or 0)}
        return f"{grouped(run.rows_good)}, {bad}" if run.rows_bad else grouped(run.rows_good)

    @admin.display(description=lazy("delivery"))
    def linked_delivery(self, run: ProcessingRun) -> Any:
        return name(run.delivery.title) if run.delivery else "—"

    @admin.display(description=lazy("error"))
    def error_sentence(self, run: ProcessingRun) -> Any:
        """Return the sentence, shortened for the list."""
        short = run.error if len(run.error) <= 160 else run.error[:159] + "…"  # noqa: PLR2004  three lines
        return format_html('<span class="xd-long" title="{}">{}</span>', run.error[:1000], short) if short else "—"

    def get_changelist(self, _request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        """Return the list that masks."""
        return RunList

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        mine = [
            path("live/", wrap(self.list_live), name="deliveries_processingrun_list_live"),
            path("<path:object_id>/live/", wrap(self.live), name="deliveries_processingrun_live"),
            path(
                "<path:object_id>/file/<int:file_id>/", wrap(self.file_view), name="deliveries_processingrun_file"
            ),
            path("<path:object_id>/rows.csv", wrap(self.rows_view), name="deliveries_processingrun_rows"),
        ]
        pages = CheckBundlePage(self).urls() + PutOnSpacePages(self).urls() + MendedPage(self).urls()
        return pages + mine + list(super().get_urls())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  the admin's signature
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show the run; nothing of it is edited."""
        run = self._readable(request, object_id)
        context = {**self.admin_site.each_context(request), **self._facts(request, run), **(extra_context or {})}
        return TemplateResponse(request, "campaign/run.html", context)

    def list_live(self, request: HttpRequest) -> HttpResponse:
        """Return what tells whether the list that the same address shows must be read anew."""
        try:
            listed = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseBadRequest()
        return TemplateResponse(request, "campaign/runs_live.html", {"cl": listed})

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the part of the page that changes while the run works."""
        run = self._readable(request, object_id)
        return TemplateResponse(request, "campaign/run_live.html", self._facts(request, run))

    def file_view(self, request: HttpRequest, object_id: str, file_id: int) -> FileResponse:
        return files.download(self._people(request, object_id), file_id)

    def rows_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        return files.row_errors(self._people(request, object_id))

    def _readable(self, request: HttpRequest, object_id: str) -> ProcessingRun:
        run: ProcessingRun = self.row_or_404(request, object_id)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        return run

    def _people(self, request: HttpRequest, object_id: str) -> ProcessingRun:
        """Return the run for a download that holds personal data."""
        run = self._readable(request, object_id)
        if not may_see_people(request, run.account_id):
            raise PermissionDenied
        return run

    def _facts(self, request: HttpRequest, run: ProcessingRun) -> dict[str, Any]:
        people = may_see_people(request, run.account_id)
        run, transitions = mask(request, run), list(run.transitions.all())
        return {
            "opts": self.opts,
            "title": run.file or run.semaphore,
            "more_problems": run.problems if len(run.problems) > 1 and not run.rows_bad else [],
            "original": run,
            "subtitle": _("Run %(id)s") % {"id": run.pk},
            "run": run,
            "state": run_state(run),
            "took": self.took(run),
            "live": run.status == RunStatus.LOADING,
            "zone": run.account.time_zone,
            "step": step(run.sub_status),
            "transitions": [(each, step(each.sub_status), each.sentence(people=people)) for each in transitions],
            "files": run.files.all() if people else [],
            "row_errors": run.row_errors.all()[:ROW_ERRORS_ON_THE_PAGE] if people else [],
            "people": people,
            "report": xml_report.as_the_client_sees_it(run),
            "links": self.dialog_links(request, run),
            "advice": advice(run) if run.status == RunStatus.ERROR else None,
            "may_mend": may(request, run.account_id, OPERATORS),
            "for_the_client": _for_the_client(run),
        }


def _for_the_client(run: ProcessingRun) -> str:
    """Return what is pasted into a mail to the client: file, code and sentence of each mistake."""
    if run.status != RunStatus.ERROR or not run.error:
        return ""
    said = [problem.get("message", "") for problem in run.problems if isinstance(problem, dict)] or [run.error]
    head = _("%(file)s was not accepted (run %(id)s):") % {"file": run.file or run.semaphore, "id": run.pk}
    return "\n".join([head, *(f"- {sentence}" for sentence in said if sentence)])
