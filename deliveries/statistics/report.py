"""The statistics of one delivery as one document (reference 6, `report ID --json`)."""

from collections import defaultdict
from typing import Any, Final
from urllib.parse import urlsplit

from django.db.models import Q, Sum

from deliveries.models import Counter, Delivery, KeptFigures, Link, OwnTarget
from deliveries.refusals import HARD, NAMES, Category
from deliveries.statistics import figures as counted
from deliveries.statistics.figures import ENDED
from deliveries.statistics.keeping import summary

MOST_OWN_LINKS: Final = 1_000  # addresses in people's own pages; the rest is one line, the others
_KINDS: Final = {"0": "desktop", "1": "mobile"}
_OWN: Final = "~"

# (dimension, figure) -> {key: value}
Counts = dict[tuple[str, str], dict[str, int]]


def report(delivery: Delivery, *, people: bool = True) -> dict[str, Any]:
    """Return the whole report of a delivery, JSON-ready, as `report --json` prints it (reference, Commands).

    Without `people` an address of a person's own page is told by its host: the rest may hold what is that person's.
    """
    mine = counted.figures([delivery.pk])[delivery.pk]
    told = breakdown(delivery)
    counts = _counts(delivery, [name for name, *_rest in told["domains"]])
    return {
        "delivery": _head(delivery),
        "figures": mine,
        "emptied": told["emptied"],
        "rates": counted.rates(mine),
        "bounces": [
            {"category": category, "name": NAMES[Category(category)], "hard": category in HARD, "count": count}
            for category, count in sorted(told["bounces"], key=lambda row: (-row[1], row[0]))
        ],
        "links": _links(delivery, mine, counts, people=people),
        "domains": _domains(told["domains"], mine, counts),
        "devices": _devices(mine, counts),
        "timeline": _timeline(told["sent"], mine, counts),
    }


def breakdown(delivery: Delivery) -> dict[str, Any]:
    """Return what its messages say beside the outcomes: kept once it has ended, else counted now."""
    kept = KeptFigures.objects.filter(delivery=delivery, stale=False).first()
    if kept is not None and delivery.status in ENDED:
        return dict(kept.breakdown)
    return summary(delivery.pk)[1]


def count_emptied(delivery: Delivery) -> int:
    """Return in how many messages an address was left empty, as a person's value was none (reference 2.6)."""
    return int(breakdown(delivery)["emptied"])


def _counts(delivery: Delivery, domains: list[str]) -> Counts:
    """Return the counters of every dimension; of the domains only those named, as there may be very many."""
    rows = Counter.objects.filter(~Q(dimension__in=["", "domain"]) | Q(dimension="domain", key__in=domains))
    found: Counts = defaultdict(dict)
    values = rows.filter(delivery=delivery).order_by().values_list("dimension", "figure", "key")
    for dimension, figure, key, total in values.annotate(total=Sum("value")):
        found[dimension, figure][key] = total
    return found


def _head(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "title": delivery.title,
        "subject": delivery.subject,
        "type": delivery.type,
        "status": delivery.status,
        "source": delivery.source,
        "newsletter": {"id": delivery.newsletter_id, "name": delivery.newsletter.name},
        "database": {"id": delivery.database_id, "name": delivery.database.name},
        "filter": {"id": delivery.filter_id, "name": delivery.filter.name} if delivery.filter else None,
        "created": delivery.created_at.isoformat(),
        "started": delivery.started_at.isoformat() if delivery.started_at else None,
        "ended": delivery.ended_at.isoformat() if delivery.ended_at else None,
        "labels": {label.name: label.value for label in delivery.labels.all()},
    }


def _links(delivery: Delivery, mine: counted.Figures, counts: Counts, *, people: bool) -> list[dict[str, Any]]:
    """Return each tracked link, then the addresses in people's own pages, the most clicked first."""
    clicks, unique = counts["link", "clicks"], counts["link", "unique_clicks"]

    def line(number: int, url: str | None, category: int, *keys: str) -> dict[str, Any]:
        return {
            "id": number,
            "url": url,
            "category": category,
            "clicks": _measured(mine["clicks"], sum(clicks.get(key, 0) for key in keys)),
            "unique_clicks": _measured(mine["unique_clicks"], sum(unique.get(key, 0) for key in keys)),
        }

    links = Link.objects.filter(delivery=delivery).order_by("number")
    found = [line(link.number, link.url, link.category, str(link.number)) for link in links]
    own = sorted((key for key in clicks if key.startswith(_OWN)), key=lambda key: (-clicks[key], key))
    urls = dict(OwnTarget.objects.filter(delivery=delivery, key__in=own[:MOST_OWN_LINKS]).values_list("key", "url"))
    named = [key for key in own if key in urls]
    found += [line(0, urls[key] if people else _host_of(urls[key]), 0, key) for key in named]
    others = [key for key in own if key not in urls]
    return [*found, line(0, None, 0, *others)] if others else found


def _host_of(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:  # a person's page may hold anything
        host = None
    return f"{host}/…" if host else "…"


def _domains(largest: list[list[Any]], mine: counted.Figures, counts: Counts) -> list[dict[str, Any]]:
    views, clicks = counts["domain", "unique_views"], counts["domain", "unique_clicks"]
    return [
        {
            "domain": name,
            "size": size,
            "delivered": delivered,
            "bounced": bounced,
            "unique_views": _measured(mine["unique_views"], views.get(name, 0)),
            "unique_clicks": _measured(mine["unique_clicks"], clicks.get(name, 0)),
        }
        for name, size, delivered, bounced in largest
    ]


def _devices(mine: counted.Figures, counts: Counts) -> list[dict[str, Any]]:
    if mine["views"] is None:
        return []
    views, unique = counts["device", "views"], counts["device", "unique_views"]
    return [
        {
            "kind": kind,
            "views": views.get(key, 0),
            "unique_views": _measured(mine["unique_views"], unique.get(key, 0)),
        }
        for key, kind in _KINDS.items()
    ]


def _timeline(sent: list[list[Any]], mine: counted.Figures, counts: Counts) -> list[dict[str, Any]]:
    by_hour = {"sent": dict(sent), "views": counts["hour", "views"], "clicks": counts["hour", "clicks"]}
    hours = sorted({hour for counts_of in by_hour.values() for hour, number in counts_of.items() if number})
    return [
        {
            "hour": hour,
            "sent": by_hour["sent"].get(hour, 0),
            "views": _measured(mine["views"], by_hour["views"].get(hour, 0)),
            "clicks": _measured(mine["clicks"], by_hour["clicks"].get(hour, 0)),
        }
        for hour in hours
    ]


def _measured(measured: int | None, number: int) -> int | None:
    """Return the number where the figure of its kind is measured at all."""
    return None if measured is None else number
