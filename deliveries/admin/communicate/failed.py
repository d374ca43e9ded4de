"""What failed, deliveries and runs together, newest first, each with its sentence and the next thing to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_stubs_ext import StrOrPromise

from deliveries.admin.shell.badges import run_state
from deliveries.admin.shell.masking import mask
from deliveries.models import Delivery, ProcessingRun, RunStatus, SubStatus
from recipients.admin.access import may_see_people
from recipients.ids import id_in

PAGE: Final = 25
LATELY: Final = timedelta(days=30)  # what failed before that nobody will mend; the page of runs still has it
_DELIVERY, _RUN = "delivery", "run"
_RUN_AT: Final = Coalesce("ended_at", "started_at")
# What an address of the tab may ask of runs; every other filter knows deliveries alone.
_OF_RUNS: Final = {"ended_at__gte": "at__gte", "ended_at__lt": "at__lt"}
_NO_FILTERS: Final = frozenset({"tab", "tests", "q", "page", "p", "o", "e"})


@dataclass(frozen=True, slots=True)
class Failure:
    """One line of the tab: a delivery with what may be done with it, or a run; `people` lets its rows be read."""

    at: datetime
    delivery: Delivery | None = None
    links: Sequence[dict[str, Any]] = ()
    run: ProcessingRun | None = None
    state: StrOrPromise = ""
    people: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what failed, counted from 1; `asked` is the address without the page."""

    lines: tuple[Failure, ...]
    number: int
    count: int
    asked: str = ""
    without_runs: bool = False

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        """Return the next page's number, 0 on the last."""
        return self.number + 1 if self.number * PAGE < self.count else 0


def failed_runs(request: HttpRequest) -> QuerySet[ProcessingRun]:
    """Return the runs of the reader's accounts that failed lately and were neither mended nor discarded."""
    rows = admin.site.get_model_admin(ProcessingRun).get_queryset(request)
    lately = rows.filter(status=RunStatus.ERROR, started_at__gt=timezone.now() - LATELY)
    return lately.exclude(sub_status=SubStatus.DISCARDED)


def runs_of(runs: QuerySet[ProcessingRun], asked: Mapping[str, Any]) -> QuerySet[ProcessingRun]:
    """Return those of the runs that the filters of an address leave: by when they failed, as Home's card asks."""
    if _leaves_runs_out(asked):
        return runs.none()
    moments = {lookup: _moment(asked[name]) for name, lookup in _OF_RUNS.items() if name in asked}
    return runs.annotate(at=_RUN_AT).filter(**{lookup: at for lookup, at in moments.items() if at})


def _leaves_runs_out(asked: Mapping[str, Any]) -> bool:
    return bool(set(asked) - _NO_FILTERS - set(_OF_RUNS))


def _moment(written: Any) -> datetime | None:
    try:
        at = parse_datetime(str(written))
    except ValueError:
        return None
    return timezone.make_aware(at) if at and timezone.is_naive(at) else at


def without_page(asked: QueryDict) -> Any:
    """Return what was asked for without the page of this tab."""
    kept = asked.copy()
    kept.pop("page", None)
    return kept


def page_of(request: HttpRequest, deliveries: Any, rows: QuerySet[Delivery], page: str) -> Page:
    """Return a page of the deliveries that the list holds and of the runs; a search looks through both."""
    asked = request.GET.get("q", "").strip()
    runs = runs_of(failed_runs(request), request.GET.dict())
    if asked:
        wanted = Q(file__icontains=asked) | Q(code__icontains=asked)
        runs = runs.filter(wanted | Q(pk=id_in(asked)))
    both = _keys(rows, _DELIVERY, Coalesce("ended_at", "created_at")).union(_keys(runs, _RUN, _RUN_AT), all=True)
    count = both.count()
    number = _number(page, count)
    keys = list(both.order_by("-at")[(number - 1) * PAGE : number * PAGE])
    return Page(
        _lines(request, deliveries, keys), number, count, request.GET.urlencode(), _leaves_runs_out(request.GET)
    )


def _keys(rows: Any, kind: str, at: Any) -> Any:
    return rows.order_by().values(key=F("pk"), kind=Value(kind, CharField()), at=at)


def _number(text: str, count: int) -> int:
    wanted = int(text) if text.isdecimal() and len(text) < 7 else 1  # noqa: PLR2004  a million pages
    return max(1, min(wanted, -(-count // PAGE)))


def _lines(request: HttpRequest, deliveries: Any, keys: list[dict[str, Any]]) -> tuple[Failure, ...]:
    of = {kind: [line["key"] for line in keys if line["kind"] == kind] for kind in (_DELIVERY, _RUN)}
    rows = Delivery.objects.select_related("newsletter", "account").in_bulk(of[_DELIVERY])
    found = ProcessingRun.objects.select_related("space", "account", "delivery").in_bulk(of[_RUN])
    return tuple(
        _of_delivery(line["at"], rows[line["key"]], deliveries.dialog_links(request, rows[line["key"]]))
        if line["kind"] == _DELIVERY
        else _of_run(request, line["at"], found[line["key"]])
        for line in keys
        if line["key"] in (rows if line["kind"] == _DELIVERY else found)
    )


def _of_delivery(at: datetime, row: Delivery, links: list[dict[str, Any]]) -> Failure:
    return Failure(at, delivery=row, links=links)


def _of_run(request: HttpRequest, at: datetime, run: ProcessingRun) -> Failure:
    people = may_see_people(request, run.account_id)
    return Failure(at, run=mask(request, run), state=run_state(run), people=people)
