"""The tabs of Communicate: which states each holds, and how many deliveries stand in it."""

from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

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
    "failed": (_("Failed"), Q(status=_S.FAILED)),
    "drafts": (_("Drafts"), Q(status=_S.NEW)),
    "finished": (_("Archive"), Q(status__in=[_S.SENT, _S.STOPPED])),
    "all": (_("All"), Q(pk__isnull=False)),
}
FIRST: Final = "queued"


class StateFilter(SimpleListFilter):
    """The chosen tab; without one the list opens on Queued, while a search looks everywhere."""

    title = _("tab")
    parameter_name = "tab"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Return the tabs."""
        return [(key, label) for key, (label, _states) in TABS.items()]

    def queryset(self, request: HttpRequest, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Return the deliveries of the tab."""
        return rows.filter(TABS[chosen(request)][1])


class TestsFilter(SimpleListFilter):
    """Test deliveries are hidden until asked for."""

    title = _("test deliveries")
    parameter_name = "tests"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Return the one choice beside hiding them."""
        return [("1", _("shown"))]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Return the normal ones, or all."""
        return rows if self.value() == "1" else rows.filter(type="normal")


def chosen(request: HttpRequest) -> str:
    """Return the tab asked for; a search without one looks through all."""
    asked = request.GET.get("tab", "")
    return asked if asked in TABS else "all" if request.GET.get("q") else FIRST


def tabs(request: HttpRequest, rows: QuerySet[Delivery]) -> list[dict[str, Any]]:
    """Return the tabs with their counts, one query for all of them."""
    shown = rows if request.GET.get("tests") == "1" else rows.filter(type="normal")
    counts = shown.order_by().aggregate(
        **{key: Count("pk", filter=states) for key, (_label, states) in TABS.items()}
    )
    current, kept = chosen(request), "&tests=1" if request.GET.get("tests") == "1" else ""
    return [
        {"label": label, "current": key == current, "count": counts[key], "url": f"?tab={key}{kept}"}
        for key, (label, _states) in TABS.items()
    ]
