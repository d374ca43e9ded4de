"""What a report gives as files: the report itself, the event log, the people behind a figure."""

from collections.abc import Iterable
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from deliveries.admin.reports.workbook import report_workbook
from deliveries.errors import ClientError
from deliveries.models import Delivery
from deliveries.statistics import people
from deliveries.statistics.log import COLUMNS, event_rows
from deliveries.statistics.report import report
from deliveries.statistics.report_file import report_csv
from recipients import audit
from recipients.admin.access import may_see_people
from recipients.csv_lines import csv_table

EVENTS: Final = "events"
REPORT: Final = "report"


def workbook(row: Delivery) -> HttpResponseBase:
    """Return the report as a spreadsheet."""
    return _attached(report_workbook(report(row)), f"report-{row.pk}.xlsx")


def download(request: HttpRequest, row: Delivery, what: str) -> HttpResponseBase:
    """Return the report, the event log or the people behind a figure as CSV; the latter two go into the audit."""
    name = f"{what.replace(':', '-')}-{row.pk}.csv"
    if what == REPORT:
        return _attached(HttpResponse(report_csv(report(row)), content_type="text/csv; charset=utf-8"), name)
    if not may_see_people(request, row.account_id):
        raise PermissionDenied
    lines: Iterable[str]
    if what == EVENTS:
        lines = csv_table(COLUMNS, event_rows(_with_database(row)), mark=True)
    else:
        try:
            lines = csv_table(people.COLUMNS, people.people_behind(row, what), mark=True)
        except ClientError as error:
            raise Http404 from error
    audit.note(row.account_id, request.user, audit.Verb.PEOPLE_EXPORTED, row, file=name)
    return _attached(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), name)


def _with_database(row: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=row.pk).select_related("database")


def _attached(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
