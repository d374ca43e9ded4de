"""Downloads: large exports with their files, for those who may see personal data (reference 10)."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as lazy
from unfold.views import ChangeList

from deliveries import conf
from deliveries.downloads.making import place_of
from deliveries.models import Download
from deliveries.models.downloads import DownloadStatus
from recipients import audit
from recipients.admin.access import READERS, AccountScopedAdmin, where_people_show
from recipients.admin.badges import moment, name, state

_LOOKS = {
    DownloadStatus.WAITING: ("busy", "hourglass_top"),
    DownloadStatus.READY: ("good", "check_circle"),
    DownloadStatus.FAILED: ("bad", "error"),
}


class DownloadList(ChangeList):  # type: ignore[misc]  # Unfold ships no types
    """Tells an open page whether it must read the list anew."""

    @property
    def rows_shown(self) -> str:
        return ",".join(f"{row.pk}.{row.status}" for row in self.result_list)


@admin.register(Download)
class DownloadAdmin(AccountScopedAdmin):
    """An export a row."""

    nothing = lazy("Nothing here: a large export is made in the background, and its file is here for some days.")
    readers = READERS
    list_display = ("file", "kind", "about", "shown_state", "bytes", "asked_by", "asked_for", "until")
    list_display_links = None
    list_filter = ("status", "kind")
    list_select_related = ("asked_by", "account")
    search_fields = ("name", "about")
    ordering = ("-id",)
    list_before_template = "campaign/downloads_live.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the exports of accounts in which the reader may see people: each of them holds some."""
        return where_people_show(request, super().get_queryset(request))

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    @admin.display(description=lazy("file"), ordering="name")
    def file(self, row: Download) -> Any:
        """Return the name, which leads to the file once there is one."""
        if row.status != DownloadStatus.READY:
            return name(row.name)
        where = reverse("admin:deliveries_download_file", args=[row.pk])
        return format_html('<a class="xd-link" href="{}">{}</a>', where, name(row.name))

    @admin.display(description=lazy("status"), ordering="status")
    def shown_state(self, row: Download) -> Any:
        known = DownloadStatus(row.status)
        return state(*_LOOKS[known], known.label)

    @admin.display(description=lazy("file size"), ordering="size")
    def bytes(self, row: Download) -> str:
        return "—" if row.size is None else str(filesizeformat(row.size))

    @admin.display(description=lazy("asked for"), ordering="id")
    def asked_for(self, row: Download) -> Any:
        return moment(row.created_at)

    @admin.display(description=lazy("kept until"), ordering="id")
    def until(self, row: Download) -> Any:
        return moment(row.created_at + conf.keep_downloads())

    def get_changelist(self, _request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        """Return the list that is read anew when something is ready."""
        return DownloadList

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        mine = [
            path("live/", wrap(self.live), name="deliveries_download_live"),
            path("<path:object_id>/file/", wrap(self.download), name="deliveries_download_file"),
        ]
        return mine + list(super().get_urls())

    def live(self, request: HttpRequest) -> HttpResponse:
        """Return what tells whether the list must be read anew."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            listed = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseBadRequest()
        return TemplateResponse(request, "campaign/downloads_live.html", {"cl": listed})

    def download(self, request: HttpRequest, object_id: str) -> FileResponse:
        """Return the file, and keep in the history who took it."""
        row: Download = self.row_or_404(request, object_id)
        place = place_of(row)
        if row.status != DownloadStatus.READY or not place.is_file():
            raise Http404
        audit.record(row.account_id, request.user, audit.Verb.PEOPLE_EXPORTED, row, file=row.name)
        answer = FileResponse(
            place.open("rb"), as_attachment=True, filename=row.name, content_type="application/octet-stream"
        )
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
