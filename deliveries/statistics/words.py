"""Figures and rates in words, wherever they are shown (reference 6)."""

from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deliveries.refusals import Category

# How many there are of something: a language may say it otherwise than what one message is.
FIGURES: Final = {
    "size": _("size"),
    "delivered": pgettext_lazy("figure", "delivered"),
    "bounced": pgettext_lazy("figure", "bounced"),
    "errors": _("errors"),
    "cancelled": pgettext_lazy("figure", "cancelled"),
    "expired": pgettext_lazy("figure", "expired"),
    "pending": _("pending"),
    "deferred": pgettext_lazy("figure", "deferred"),
    "in_doubt": _("in doubt"),
    "blacklist_matches": _("on the blacklist"),
    "temporary_blacklist_matches": _("on the temporary blacklist"),
    "blacklisted": pgettext_lazy("figure", "entered the blacklist"),
    "temporary_blacklisted": pgettext_lazy("figure", "entered the temporary blacklist"),
    "views": _("views"),
    "hidden_views": _("hidden views"),
    "unique_views": _("unique views"),
    "web_views": _("views of the web version"),
    "clicks": _("clicks"),
    "unique_clicks": _("unique clicks"),
    "machine_views": _("views by machines"),
    "machine_clicks": _("clicks by machines"),
    "unsubscribed": pgettext_lazy("figure", "unsubscribed"),
    "list_unsubscribed": _("unsubscribed by one click"),
    "complaints": _("complaints"),
}
RATES: Final = {
    "delivery": _("delivery rate"),
    "bounce": _("bounce rate"),
    "open": _("open rate"),
    "click": _("click rate"),
    "click_to_open": _("click-to-open rate"),
    "unsubscribe": _("unsubscription rate"),
    "complaint": _("complaint rate"),
}
BOUNCES: Final = {
    Category.UNKNOWN: _("unknown"),
    Category.NO_MAILBOX: _("mailbox does not exist"),
    Category.NO_DOMAIN: _("domain does not exist"),
    Category.FULL: _("mailbox full"),
    Category.UNREACHABLE: _("server unreachable"),
    Category.TOO_LARGE: _("message too large"),
    Category.SPAM: _("refused as spam or by reputation"),
    Category.POLICY: _("policy or authentication"),
    Category.TEMPORARY: _("temporary trouble"),
    Category.DISABLED: _("mailbox disabled"),
    Category.CONTENT: _("content refused"),
}


_SMALL: Final = 0.01  # complaints and the like are read in hundredths of a percent


def in_words(number: int | None) -> str:
    """Return a figure as it is shown, grouped as the reader's language does: what was not measured is never 0."""
    return str(_("not measured") if number is None else number_format(number, force_grouping=True))


def percent(rate: float | None) -> str:
    """Return a rate as pages and mails show it, a dash where there is nothing to divide by or it was not measured.

    It is rounded (Django's own format cuts off); below 1 % it has two decimals, as complaints are judged there.
    """
    if rate is None:
        return "—"
    decimals = 2 if 0 < rate < _SMALL else 1
    return f"{number_format(round(rate * 100, decimals), decimals, force_grouping=True)} %"
