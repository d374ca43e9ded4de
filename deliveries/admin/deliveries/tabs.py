"""The tabs of Communicate: which states each holds, and how many deliveries are in it."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from deliveries.admin.communicate.filters import of_type
from deliveries.admin.deliveries.last_retries import only_retries_left
from deliveries.models import Delivery, DeliveryStatus, Message

_S = DeliveryStatus
# One message that was tried, in the order of the index, which is therefore read: for an EXISTS, PostgreSQL may read
# the whole table. 100,000 messages that wait take 5 ms; where some were tried, one of the first few was.
_TRIED: Final = Message.objects.filter(delivery=OuterRef("pk"), attempt__gt=0).order_by("recipient_id").values("pk")
_UNTRIED: Final = Q(IsNull(Subquery(_TRIED[:1]), True))
_STARTING: Final = Q(status=_S.SENDING) & _UNTRIED
# "Queued" also holds what has started with nothing sent yet, the Archive what only repeats (reference 5.1).
HOLDS: Final[Mapping[str, frozenset[str]]] = {
    "queued": frozenset({_S.READY, _S.SCHEDULED}),
    "ready": frozenset({_S.READY}),
    "scheduled": frozenset({_S.SCHEDULED}),
    "processing": frozenset({_S.SENDING, _S.PAUSED}),
    # No delivery repeats itself yet: the tab is where those who know the original look for it.
    "recurring": frozenset(),
    "failed": frozenset({_S.FAILED}),
    "drafts": frozenset({_S.NEW}),
    "finished": frozenset({_S.SENT, _S.STOPPED}),
    "all": frozenset(_S.values),
}
_LABELS: Final = {
    "queued": _("Queued"),
    "ready": _("Ready"),
    "scheduled": _("Scheduled"),
    "processing": _("Processing"),
    "recurring": _("Recurring"),
    "failed": _("Failed"),
    "drafts": _("Drafts"),
    "finished": _("Archive"),
    "all": _("All"),
}
FIRST: Final = "queued"
_NOTHING: Final = {
    "queued": _(
        "Nothing waits to go out. What a bundle leaves ready or schedules is here, and what you make under Create."
    ),
    "ready": _(
        "Nothing is ready. A bundle with the method manual is here until somebody sends it, and what you make"
        " under Create."
    ),
    "scheduled": _("Nothing is scheduled. A delivery with a time to go is here until that time."),
    "processing": _("Nothing is going out. A delivery is here from its first message to its last."),
    "recurring": _("Nothing repeats itself: this kind of delivery does not exist yet."),
    "failed": _("Nothing failed. Deliveries that could not start, and bundles of the last 30 days, would be here."),
    "drafts": _("No draft. What you begin under Create is here until it is finished."),
    "finished": _("Nothing was sent yet. A delivery comes here when its last message is sent."),
    "all": _("No delivery yet. They come with the bundles that are dropped on a space, or are made under Create."),
}


class StateFilter(SimpleListFilter):
    """The chosen tab; without one the list opens on Queued, while a search looks everywhere."""

    title = _("tab")
    parameter_name = "tab"
    template = "campaign/no_filter.html"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return list(_LABELS.items())

    def queryset(self, request: HttpRequest, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Return the deliveries of the tab."""
        return held_in(chosen(request), rows)


def chosen(request: HttpRequest) -> str:
    """Return the tab asked for; a search without one looks through all."""
    asked = request.GET.get("tab", "")
    return asked if asked in HOLDS else "all" if request.GET.get("q") else FIRST


def nothing_in(tab: str) -> StrOrPromise:
    """Return what an empty tab says: what would be here and how it gets here."""
    return _NOTHING[tab]


def held_in(tab: str, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Return those of the rows that are in the tab."""
    if tab == "all":
        return rows
    states = Q(status__in=HOLDS[tab])
    if tab == "queued":
        states |= _STARTING
    elif tab == "finished":
        states |= Q(pk__in=_repeating(rows))
    return rows.filter(states)


def _repeating(rows: QuerySet[Delivery]) -> frozenset[int]:
    return only_retries_left(rows.filter(status=_S.SENDING).order_by().values_list("pk", flat=True))


def tabs(request: HttpRequest, rows: QuerySet[Delivery], failed_runs: int) -> list[dict[str, Any]]:
    """Return the tabs with their counts; runs that failed are among the failed."""
    asked = request.GET.get("tests", "")
    counts = counts_of(request, rows)
    current, kept = chosen(request), f"&tests={asked}" if asked in {"1", "only"} else ""
    return [
        {
            "key": key,
            "label": label,
            "current": key == current,
            "count": counts[key] + (failed_runs if key == "failed" else 0),
            "url": f"?tab={key}{kept}",
        }
        for key, label in _LABELS.items()
    ]


def counts_of(request: HttpRequest, rows: QuerySet[Delivery]) -> Mapping[str, int]:
    """Return how many deliveries each tab holds, counted once a request.

    By state, which an index answers: a condition for each tab had the whole table read.
    """
    known: Mapping[str, int] | None = getattr(request, "deliveries_by_tab", None)
    if known is None:
        mine = of_type(rows, request.GET.get("tests", "")).order_by()
        states = dict(mine.values_list("status").annotate(Count("pk")))
        counted = {tab: sum(states.get(state, 0) for state in held) for tab, held in HOLDS.items()}
        if states.get(_S.SENDING):
            counted["queued"] += mine.filter(_STARTING).count()
            counted["finished"] += len(_repeating(mine))
        known = request.deliveries_by_tab = counted  # type: ignore[attr-defined]  # a request is the cache's life
    return known
