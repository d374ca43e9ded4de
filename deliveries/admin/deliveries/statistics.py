"""The Statistics tab of a delivery: every figure, and as files the report, the event log, the people behind one."""

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.errors import ClientError
from deliveries.models import Delivery
from deliveries.refusals import Category
from deliveries.statistics import people
from deliveries.statistics.csv_lines import MARK, csv_lines
from deliveries.statistics.log import COLUMNS, event_rows
from deliveries.statistics.report import report
from deliveries.statistics.report_file import report_csv
from deliveries.statistics.words import BOUNCES, FIGURES, RATES, in_words
from recipients import audit
from recipients.admin.access import may_see_people

EVENTS: Final = "events"
REPORT: Final = "report"
_DEVICES: Final = {"desktop": lazy("desktop"), "mobile": lazy("mobile")}


def context(row: Delivery, *, people: bool) -> dict[str, Any]:
    """Return what the tab shows; a figure with people behind it leads to them where they may be seen."""
    document = report(row)
    return {
        "figures_told": [
            {"name": FIGURES[name], "value": in_words(number), "people": name if people and number else ""}
            for name, number in document["figures"].items()
        ],
        "rates_told": [
            (RATES[name], "—" if rate is None else f"{rate:.2%}") for name, rate in document["rates"].items()
        ],
        "bounces_told": [
            (BOUNCES[Category(line["category"])], _("hard") if line["hard"] else _("soft"), line["count"])
            for line in document["bounces"]
        ],
        "links_told": [
            (line["url"] or _("other addresses"), line["category"], *_told(line, "clicks", "unique_clicks"))
            for line in document["links"]
        ],
        "domains_told": [
            (line["domain"], *_told(line, "size", "delivered", "bounced", "unique_views", "unique_clicks"))
            for line in document["domains"]
        ],
        "devices_told": [
            (_DEVICES[line["kind"]], *_told(line, "views", "unique_views")) for line in document["devices"]
        ],
        "hours_told": [
            (parse_datetime(line["hour"]), *_told(line, "sent", "views", "clicks")) for line in document["timeline"]
        ],
    }


def _told(line: dict[str, Any], *names: str) -> list[str]:
    return [in_words(line[name]) for name in names]


def download(request: HttpRequest, row: Delivery, what: str) -> HttpResponseBase:
    """Return the report, the event log or the people behind a figure as CSV; the latter two go into the audit."""
    name = f"{what.replace(':', '-')}-{row.pk}.csv"
    if what == REPORT:
        return _attached(HttpResponse(report_csv(report(row)), content_type="text/csv; charset=utf-8"), name)
    if not may_see_people(request, row.account_id):
        raise PermissionDenied
    lines: Iterable[str]
    if what == EVENTS:
        lines = csv_lines(COLUMNS, event_rows(Delivery.objects.filter(pk=row.pk).select_related("database")))
    else:
        try:
            lines = csv_lines(people.COLUMNS, people.people_behind(row, what))
        except ClientError as error:
            raise Http404 from error
    audit.note(row.account_id, request.user, audit.Verb.PEOPLE_EXPORTED, row, file=name)
    return _attached(StreamingHttpResponse(_marked(lines), content_type="text/csv; charset=utf-8"), name)


def _marked(lines: Iterable[str]) -> Iterable[str]:
    yield MARK
    yield from lines


def _attached(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
