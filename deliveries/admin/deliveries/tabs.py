"""The tabs of Communicate: which states each holds, and how many deliveries stand in it."""

from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from deliveries.admin.communicate.filters import of_type
from deliveries.models import Delivery, DeliveryStatus, Message

_S = DeliveryStatus
# One message that was tried, in the order of the index, which is therefore read: for an EXISTS, PostgreSQL may read
# the whole table. 100,000 messages that wait take 5 ms; where some were tried, one of the first few was.
_TRIED: Final = Message.objects.filter(delivery=OuterRef("pk"), attempt__gt=0).order_by("recipient_id").values("pk")
_UNTRIED: Final = Q(IsNull(Subquery(_TRIED[:1]), True))
# "Queued" also holds what has started with nothing sent yet (reference 5.1).
TABS: Final = {
    "queued": (_("Queued"), Q(status__in=[_S.READY, _S.SCHEDULED]) | Q(status=_S.SENDING) & _UNTRIED),
    "ready": (_("Ready"), Q(status=_S.READY)),
    "scheduled": (_("Scheduled"), Q(status=_S.SCHEDULED)),
    "processing": (_("Processing"), Q(status__in=[_S.SENDING, _S.PAUSED])),
    # No delivery repeats itself yet: the tab stands where those who know the original look for it.
    "recurring": (_("Recurring"), Q(pk__isnull=True)),
    "failed": (_("Failed"), Q(status=_S.FAILED)),
    "drafts": (_("Drafts"), Q(status=_S.NEW)),
    "finished": (_("Archive"), Q(status__in=[_S.SENT, _S.STOPPED])),
    "all": (_("All"), Q(pk__isnull=False)),
}
FIRST: Final = "queued"
_NOTHING: Final = {
    "queued": _(
        "Nothing waits to go out. What a bundle leaves ready or schedules stands here, and what you make"
        " under Create."
    ),
    "ready": _(
        "Nothing is ready. A bundle with the method manual stands here until somebody sends it, and what you make"
        " under Create."
    ),
    "scheduled": _("Nothing is scheduled. A delivery with a time to go stands here until that time."),
    "processing": _("Nothing is going out. A delivery stands here from its first message to its last."),
    "recurring": _("Nothing repeats itself: this kind of delivery does not exist yet."),
    "failed": _(
        "Nothing failed. Deliveries that could not start, and bundles of the last 30 days, would stand here."
    ),
    "drafts": _("No draft. What you begin under Create stands here until it is finished."),
    "finished": _("Nothing was sent yet. A delivery comes here when its last message is sent."),
    "all": _("No delivery yet. They come with the bundles that are dropped on a space, or are made under Create."),
}


class StateFilter(SimpleListFilter):
    """The chosen tab; without one the list opens on Queued, while a search looks everywhere."""

    title = _("tab")
    parameter_name = "tab"
    template = "campaign/no_filter.html"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (label, _states) in TABS.items()]

    def queryset(self, request: HttpRequest, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Return the deliveries of the tab."""
        return rows.filter(TABS[chosen(request)][1])


def chosen(request: HttpRequest) -> str:
    """Return the tab asked for; a search without one looks through all."""
    asked = request.GET.get("tab", "")
    return asked if asked in TABS else "all" if request.GET.get("q") else FIRST


def nothing_in(tab: str) -> StrOrPromise:
    """Return what an empty tab says: what would stand here and how it gets here."""
    return _NOTHING[tab]


def tabs(request: HttpRequest, rows: QuerySet[Delivery], failed_runs: int) -> list[dict[str, Any]]:
    """Return the tabs with their counts, one query for all of them; runs that failed stand among the failed."""
    asked = request.GET.get("tests", "")
    counts = (
        of_type(rows, asked)
        .order_by()
        .aggregate(**{key: Count("pk", filter=states) for key, (_label, states) in TABS.items()})
    )
    counts["failed"] += failed_runs
    current, kept = chosen(request), f"&tests={asked}" if asked in {"1", "only"} else ""
    return [
        {"key": key, "label": label, "current": key == current, "count": counts[key], "url": f"?tab={key}{kept}"}
        for key, (label, _states) in TABS.items()
    ]
