"""What a report gives as files: the report itself, the event log, the people behind a figure."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from deliveries import conf
from deliveries.admin.downloads.asking import ask_for
from deliveries.admin.reports.workbook import report_workbook
from deliveries.downloads.rows import behind_rows, event_rows
from deliveries.errors import ClientError
from deliveries.models import Delivery
from deliveries.models.downloads import DownloadKind
from deliveries.statistics.people import messages_behind
from deliveries.statistics.report import report
from deliveries.statistics.report_file import report_csv
from recipients import audit
from recipients.admin.access import may_see_people
from recipients.admin.files import csv_file

EVENTS: Final = "events"
REPORT: Final = "report"


def workbook(request: HttpRequest, row: Delivery) -> HttpResponseBase:
    """Return the report as a spreadsheet."""
    told = report(row, people=may_see_people(request, row.account_id))
    return _attached(report_workbook(told), f"report-{row.pk}.xlsx")


def download(request: HttpRequest, row: Delivery, what: str) -> HttpResponseBase:
    """Return the report, the event log or the people behind a figure as CSV; the latter two go into the audit.

    What is large is made by a task, and goes into the audit when somebody takes the file.
    """
    name = f"{what.replace(':', '-')}-{row.pk}.csv"
    people = may_see_people(request, row.account_id)
    if what == REPORT:
        told = report_csv(report(row, people=people))
        return _attached(HttpResponse(told, content_type="text/csv; charset=utf-8"), name)
    if not people:
        raise PermissionDenied
    try:
        rows = event_rows(row) if what == EVENTS else behind_rows(row, what)
    except ClientError as error:
        raise Http404 from error
    if _number(row, what) > conf.export_rows():
        kind = DownloadKind.EVENTS if what == EVENTS else DownloadKind.BEHIND
        params = {"delivery": row.pk, "figure": what}
        return ask_for(request, kind, name, account=row.account_id, about=row.title, params=params)
    audit.record(row.account_id, request.user, audit.Verb.PEOPLE_EXPORTED, row, file=name)
    return _attached(csv_file(rows), name)


def _number(row: Delivery, what: str) -> int:
    """Return how many messages it tells of; of many, that there are too many."""
    found = row.messages.all() if what == EVENTS else messages_behind(row, what)
    return found[: conf.export_rows() + 1].count()


def _attached(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
