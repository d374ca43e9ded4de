"""Several finished deliveries side by side: the best of each rate, and what is usual for the newsletter."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.models import Delivery, DeliveryStatus
from deliveries.statistics.figures import figures, rates
from deliveries.statistics.words import FIGURES, RATES, in_words, percent
from recipients.ids import id_in

MOST: Final = 8  # columns that a table can show side by side
_USUAL: Final = 10  # the newsletter's last deliveries, whose mean is called usual
_SHOWN: Final = ("size", "delivered", "bounced", "unique_views", "unique_clicks", "unsubscribed", "complaints")
_BEST: Final = {"delivery": max, "open": max, "click": max, "click_to_open": max}
_LEAST: Final = {"bounce": min, "unsubscribe": min, "complaint": min}


@admin.action(description=lazy("Compare"))
def compare_ticked(_deliveries: Any, request: HttpRequest, rows: QuerySet[Delivery]) -> HttpResponse | None:
    """Lead to the comparison of what is ticked."""
    ids = [str(pk) for pk in rows.order_by("id").values_list("pk", flat=True)[: MOST + 1]]
    if not 2 <= len(ids) <= MOST:  # noqa: PLR2004  a comparison needs two
        messages.warning(request, _("Tick two to %(n)s deliveries to compare them.") % {"n": MOST})
        return None
    return HttpResponseRedirect(f"{reverse('admin:deliveries_delivery_compare')}?ids={','.join(ids)}")


class ComparePage:
    """One table: a column a delivery, a line a figure or rate."""

    def __init__(self, deliveries: Any) -> None:
        self.deliveries = deliveries

    def urls(self) -> list[URLPattern]:
        return [
            path("compare/", self.deliveries.admin_site.admin_view(self.view), name="deliveries_delivery_compare")
        ]

    def view(self, request: HttpRequest) -> HttpResponse:
        """Show those of the ids that the user may read, in the order of their start."""
        written = request.GET.get("ids", "").split(",")
        asked = [number for number in map(id_in, written) if number is not None]
        found = self.deliveries.get_queryset(request).filter(pk__in=asked[:MOST])
        rows = list(found.select_related("newsletter").order_by("started_at", "id"))
        context = {
            **self.deliveries.admin_site.each_context(request),
            "opts": self.deliveries.opts,
            "title": _("Comparison"),
            "rows": rows,
            **comparison(rows),
        }
        return TemplateResponse(request, "campaign/compare.html", context)


def comparison(rows: Sequence[Delivery]) -> dict[str, Any]:
    """Return the lines of figures, and of rates with the best marked and the usual beside them."""
    counted = figures([row.pk for row in rows])
    rated = {row.pk: rates(counted[row.pk]) for row in rows}
    usual = _usual(rows)
    return {
        "figures_compared": [(FIGURES[name], [in_words(counted[row.pk][name]) for row in rows]) for name in _SHOWN],
        "rates_compared": [
            (RATES[name], _marked([rated[row.pk][name] for row in rows], name), percent(usual.get(name)))
            for name in RATES
        ],
        "of_newsletter": rows[0].newsletter.name if rows and len({row.newsletter_id for row in rows}) == 1 else "",
    }


def _marked(values: list[float | None], name: str) -> list[tuple[str, bool]]:
    known = [value for value in values if value is not None]
    choose = _BEST.get(name) or _LEAST.get(name)
    best = choose(known) if choose and len(set(known)) > 1 else None
    return [(percent(value), value is not None and value == best) for value in values]


def _usual(rows: Sequence[Delivery]) -> dict[str, float | None]:
    """Return the mean rates of the newsletter's last ten, where all rows are of one newsletter."""
    if len({row.newsletter_id for row in rows}) != 1:
        return {}
    last = Delivery.objects.filter(newsletter=rows[0].newsletter_id, type="normal", status=DeliveryStatus.SENT)
    counted = figures(list(last.order_by("-id").values_list("pk", flat=True)[:_USUAL]))
    rated = [rates(each) for each in counted.values()]
    return {name: _mean([each[name] for each in rated]) for name in RATES}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
