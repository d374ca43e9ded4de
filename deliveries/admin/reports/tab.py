"""The Statistics tab of a delivery: cards, what happened hour by hour, and the tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

from deliveries.admin.reports.categories import category_in_words
from deliveries.admin.reports.definitions import DEFINITIONS
from deliveries.models import Delivery
from deliveries.refusals import Category
from deliveries.statistics.report import report
from deliveries.statistics.words import BOUNCES, FIGURES, RATES, in_words, percent
from recipients.admin.badges import grouped

DEVICES: Final = {"desktop": lazy("desktop"), "mobile": lazy("mobile")}
# What is drawn: more hours than these are drawn by the day.
_MOST_POINTS: Final = 96
_COLOURS: Final = {"sent": "#8b95a5", "views": "#3b76f6", "clicks": "#22a04a"}
_INK, _GRID = "#737f90", "rgba(128, 138, 152, .25)"  # read on white and on black: a canvas has no style sheet
_AXIS: Final = {"ticks": {"color": _INK, "maxRotation": 0, "precision": 0}, "grid": {"color": _GRID}}
_OPTIONS: Final = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {"align": "end", "labels": {"color": _INK, "usePointStyle": True, "boxHeight": 6}},
        },
        "scales": {"x": _AXIS, "y": _AXIS | {"beginAtZero": True}},
    }
)


@dataclass(frozen=True, slots=True)
class Card:
    """A headline: its number or "not measured", its rate, what it means, whose file lies behind it."""

    name: StrOrPromise
    number: str
    rate: str
    meaning: StrOrPromise
    people: str = ""


def context(row: Delivery, *, people: bool) -> dict[str, Any]:
    """Return what the tab shows; a figure with people behind it leads to them where they may be seen."""
    document = report(row, people=people)
    figures, rates = document["figures"], document["rates"]
    return {
        "cards": [_with_people(card, figures, people=people) for card in cards(figures, rates)],
        "apart": [
            (FIGURES[name], in_words(figures[name]), DEFINITIONS[name])
            for name in ("machine_views", "machine_clicks")
        ],
        "every_figure": [
            {"name": FIGURES[name], "value": in_words(number), "people": name if people and number else ""}
            for name, number in figures.items()
        ],
        "every_rate": [(RATES[name], percent(rate)) for name, rate in rates.items()],
        "chart": _chart(document["timeline"]),
        "chart_options": _OPTIONS,
        "bounces_told": [
            (BOUNCES[Category(line["category"])], _("hard") if line["hard"] else _("soft"), grouped(line["count"]))
            for line in document["bounces"]
        ],
        "links_told": [
            {
                "url": line["url"] or _("other addresses"),
                "category": category_in_words(row.newsletter.link_categories, line["category"]),
                "told": _numbers(line, "clicks", "unique_clicks"),
                "people": f"link:{line['id']}" if people and line["clicks"] and line["id"] else "",
            }
            for line in document["links"]
        ],
        "domains_told": [
            (
                line["domain"],
                *_numbers(line, "size", "delivered", "bounced", "unique_views", "unique_clicks"),
            )
            for line in document["domains"]
        ],
        "devices_told": [
            (DEVICES[line["kind"]], *_numbers(line, "views", "unique_views")) for line in document["devices"]
        ],
        "hours_told": [
            (parse_datetime(line["hour"]), *_numbers(line, "sent", "views", "clicks"))
            for line in document["timeline"]
        ],
    }


def cards(figures: Mapping[str, int | None], rates: Mapping[str, float | None]) -> list[Card]:
    """Return the headlines, in the order in which a mailing is looked at."""
    unsubscribed = None
    if figures["unsubscribed"] is not None and figures["list_unsubscribed"] is not None:
        unsubscribed = figures["unsubscribed"] + figures["list_unsubscribed"]
    lines: tuple[tuple[str, StrOrPromise, int | None, str], ...] = (
        ("size", lazy("Size"), figures["size"], ""),
        ("delivered", lazy("Delivered"), figures["delivered"], "delivery"),
        ("unique_views", lazy("Opens"), figures["unique_views"], "open"),
        ("unique_clicks", lazy("Clicks"), figures["unique_clicks"], "click"),
        ("bounced", lazy("Bounced"), figures["bounced"], "bounce"),
        ("gone", lazy("Unsubscribed"), unsubscribed, "unsubscribe"),
        ("complaints", lazy("Complaints"), figures["complaints"], "complaint"),
    )
    made = [
        Card(name, in_words(number), percent(rates[rate]) if rate else "", DEFINITIONS[key], key)
        for key, name, number, rate in lines
    ]
    to_open = Card(lazy("Click-to-open"), percent(rates["click_to_open"]), "", DEFINITIONS["click_to_open"])
    return [*made[:4], to_open, *made[4:]]


def _with_people(card: Card, figures: Mapping[str, int | None], *, people: bool) -> Card:
    there = people and bool(figures.get(card.people))
    return card if there else Card(card.name, card.number, card.rate, card.meaning)


def _numbers(line: Mapping[str, Any], *names: str) -> list[str]:
    return [in_words(line[name]) for name in names]


def _chart(timeline: list[dict[str, Any]]) -> str:
    """Return what the chart draws, as its script reads it; "" where there is nothing to draw.

    Hours in which nothing happened are drawn too: a line through the others would hide them.
    """
    told = [(localtime(moment), line) for line in timeline if (moment := parse_datetime(line["hour"]))]
    if not told:
        return ""
    first, last = told[0][0], told[-1][0]
    by_day = last - first > timedelta(hours=_MOST_POINTS)
    step, form = (timedelta(days=1), "SHORT_DATE_FORMAT") if by_day else (timedelta(hours=1), "d/m H:i")
    every = [date_format(first + step * number, form) for number in range((last - first) // step + 1)]
    points = {label: dict.fromkeys(_COLOURS, 0) for label in every}
    for moment, line in told:
        point = points.setdefault(date_format(moment, form), dict.fromkeys(_COLOURS, 0))
        for name in _COLOURS:
            point[name] += line[name] or 0
    names = {"sent": _("Sent"), "views": _("Views"), "clicks": _("Clicks")}
    series = [
        {"label": names[name], "data": [point[name] for point in points.values()], "borderColor": colour}
        | {"backgroundColor": colour, "borderWidth": 2, "pointStyle": "circle", "pointRadius": 3, "clip": False}
        for name, colour in _COLOURS.items()
    ]
    return json.dumps({"labels": list(points), "datasets": series})
