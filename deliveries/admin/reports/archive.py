"""The columns of the Archive: what was sent, and how it was received, for all rows of a page in one go."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from deliveries.statistics.figures import figures, rates
from deliveries.statistics.words import FIGURES, percent
from recipients.admin.badges import grouped, moment

COLUMNS: Final = (
    "opened", "shown_state", "named", "number", "recipients", "ended", "sent", "opens", "clicks", "left", "further",
)  # fmt: skip


def dress(rows: Sequence[Any]) -> None:
    """Set figures and rates on the rows of a page of the Archive."""
    counted = figures([row.pk for row in rows])
    for row in rows:
        row.figures = counted[row.pk]
        row.rates = rates(row.figures)


class ArchiveColumns:
    """What a row of the Archive shows; the list sets `figures` and `rates` on it."""

    @admin.display(description=lazy("ended"), ordering="ended_at")
    def ended(self, row: Any) -> Any:
        """Return when it was over, or how many of its last retries are left."""
        if row.ended_at or row.progress is None:
            return moment(row.ended_at)
        return _("last retries: %(n)s left") % {"n": grouped(row.progress.left)}

    @admin.display(description=FIGURES["delivered"])
    def sent(self, row: Any) -> Any:
        """Return the rate of those delivered, and how many; those that bounced beside them."""
        bounced = row.figures["bounced"]
        return format_html(
            '<span class="xd-number">{}</span><small>{}{}</small>',
            percent(row.rates["delivery"]),
            grouped(row.figures["delivered"] or 0),
            format_html(" · {}", _bounced(bounced)) if bounced else "",
        )

    @admin.display(description=lazy("unique opens"))
    def opens(self, row: Any) -> Any:
        return _rate(row.figures["unique_views"], row.rates["open"])

    @admin.display(description=lazy("unique clicks"))
    def clicks(self, row: Any) -> Any:
        return _rate(row.figures["unique_clicks"], row.rates["click"])

    @admin.display(description=FIGURES["unsubscribed"])
    def left(self, row: Any) -> Any:
        """Return how many unsubscribed, either way."""
        ways = [row.figures["unsubscribed"], row.figures["list_unsubscribed"]]
        known = [each for each in ways if each is not None]
        return _rate(sum(known) if known else None, row.rates["unsubscribe"])

    @admin.display(description=lazy("actions"))
    def further(self, row: Any) -> Any:
        """Return the actions behind one small button: here one reads, and seldom acts."""
        return render_to_string("campaign/row_acts.html", {"row": row, "first": [], "more": row.links})


def _bounced(number: int) -> str:
    return ngettext("%(n)s bounced", "%(n)s bounced", number) % {"n": grouped(number)}


def _rate(number: int | None, rate: float | None) -> Any:
    if number is None:
        return format_html("<small>{}</small>", lazy("not measured"))
    return format_html('<span class="xd-number">{}</span><small>{}</small>', percent(rate), grouped(number))
