"""Uploads: which lists came into the databases, by bundle or by hand, and the way to another (reference 3.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from deliveries.models import Activity, ProcessingRun
from recipients.admin.access import OPERATORS, may
from recipients.admin.badges import grouped
from recipients.audit import Verb

_SHOWN: Final = 100  # the newest; all of them are among the runs and in the history
_CHOICES: Final = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """One list: when, its file and where that is told of, into which database, by whom, and what came of it."""

    at: datetime
    file: str
    url: str
    database: str
    by: str
    told: str


class UploadsPage:
    """A page of its own below the databases."""

    def __init__(self, databases: Any) -> None:
        self.databases = databases

    def urls(self) -> list[URLPattern]:
        return [
            path("uploads/", self.databases.admin_site.admin_view(self.view), name="recipients_database_uploads")
        ]

    def view(self, request: HttpRequest) -> HttpResponse:
        """Show the newest lists, and the databases that take one by hand."""
        if not may(request, None, OPERATORS):
            raise PermissionDenied
        mine = self.databases.get_queryset(request)
        taking = mine.filter(read_only=False).select_related("account").order_by("name")[:_CHOICES]
        found = [*islice(_by_hand(mine), _SHOWN), *islice(_by_bundle(request), _SHOWN)]
        context = {
            **self.databases.admin_site.each_context(request),
            "opts": self.databases.opts,
            "title": _("Uploads"),
            "uploads": sorted(found, key=attrgetter("at"), reverse=True)[:_SHOWN],
            "databases": [row for row in taking if may(request, row.account_id, OPERATORS)],
        }
        return TemplateResponse(request, "campaign/uploads.html", context)


def _by_hand(databases: Any) -> Iterator[Upload]:
    """Yield the imports by hand, as the history keeps them."""
    accounts = databases.values_list("account_id", flat=True).distinct()
    lines = Activity.objects.filter(account__in=list(accounts), verb=Verb.PEOPLE_IMPORTED, target_type="database")
    for line in lines.select_related("actor").order_by("-id")[:_SHOWN]:
        numbers = {name: grouped(int(line.params.get(name) or 0)) for name in ("inserted", "updated", "deleted")}
        yield Upload(
            line.at,
            str(line.params.get("file", "")),
            reverse("admin:recipients_database_change", args=[line.target_id]),
            line.target,
            str(line.actor or _("the product")),
            _("Added %(inserted)s, updated %(updated)s, deleted %(deleted)s.") % numbers,
        )


def _by_bundle(request: HttpRequest) -> Iterator[Upload]:
    """Yield the runs that loaded people."""
    runs = admin.site.get_model_admin(ProcessingRun).get_queryset(request).filter(rows_good__gt=0)
    for run in runs.select_related("space", "delivery__database").order_by("-id")[:_SHOWN]:
        numbers = {"good": grouped(run.rows_good or 0), "bad": grouped(run.rows_bad or 0)}
        yield Upload(
            run.started_at,
            run.file,
            reverse("admin:deliveries_processingrun_change", args=[run.pk]),
            run.delivery.database.name if run.delivery else "",
            run.space.name,
            _("%(good)s rows were loaded, %(bad)s were bad.") % numbers,
        )
