"""The statistics of one delivery as one document (reference 6, `report ID --json`)."""

from typing import Any, Final

from django.db.models import CharField, Count, F, Func, Q, Value
from django.db.models.functions import Lower, TruncHour

from deliveries.models import Action, Delivery, Event, Message, MessageStatus, Origin
from deliveries.refusals import HARD, NAMES, Category
from deliveries.statistics import figures as counted

_DEVICES: Final = {0: "desktop", 1: "mobile"}
_DOMAIN = Func(Lower("address"), Value("@"), Value(2), function="split_part", output_field=CharField())


def report(delivery: Delivery) -> dict[str, Any]:
    """Return the whole report of a delivery, JSON-ready, with the shape of INTERFACE."""
    mine = counted.figures([delivery.pk])[delivery.pk]
    return {
        "delivery": _head(delivery),
        "figures": mine,
        "emptied": emptied(delivery),
        "rates": counted.rates(mine),
        "bounces": _bounces(delivery),
        "links": [],
        "domains": _domains(delivery),
        "devices": _devices(delivery),
        "timeline": _timeline(delivery),
    }


def emptied(delivery: Delivery) -> int:
    """Return in how many messages an address was left empty, as a person's value was none (reference 2.6)."""
    return Message.objects.filter(delivery=delivery, emptied__gt=0).count()


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


def _bounces(delivery: Delivery) -> list[dict[str, Any]]:
    bounced = Message.objects.filter(delivery=delivery, status=MessageStatus.BOUNCED).values("category")
    rows = [(row["category"] or 0, row["count"]) for row in bounced.annotate(count=Count("id")).order_by()]
    return [
        {"category": category, "name": NAMES[Category(category)], "hard": category in HARD, "count": count}
        for category, count in sorted(rows, key=lambda row: (-row[1], row[0]))
    ]


def _domains(delivery: Delivery) -> list[dict[str, Any]]:
    """Return the forty largest domains of the delivery."""
    seen = Q(events__action=Action.VIEW) & ~Q(events__origin=Origin.MACHINE)
    clicked = Q(events__action=Action.CLICK, events__origin=Origin.PERSON)
    rows = (
        Message.objects.filter(delivery=delivery)
        .annotate(domain=_DOMAIN)
        .values("domain")
        .annotate(
            size=Count("id", distinct=True),
            delivered=Count("id", filter=Q(status=MessageStatus.DELIVERED), distinct=True),
            bounced=Count("id", filter=Q(status=MessageStatus.BOUNCED), distinct=True),
            unique_views=Count("id", filter=seen | clicked, distinct=True),
            unique_clicks=Count("id", filter=clicked, distinct=True),
        )
        .order_by("-size", "domain")[:40]
    )
    return [dict(row) for row in rows]


def _devices(delivery: Delivery) -> list[dict[str, Any]]:
    views = Event.objects.filter(delivery=delivery, action=Action.VIEW, origin=Origin.PERSON)
    rows = views.values("classification").annotate(
        views=Count("id"), unique_views=Count("message", distinct=True)
    )  # fmt: skip
    return [
        {"kind": _DEVICES[row["classification"] or 0], "views": row["views"], "unique_views": row["unique_views"]}
        for row in rows.order_by("classification")
    ]


def _timeline(delivery: Delivery) -> list[dict[str, Any]]:
    hours: dict[str, dict[str, Any]] = {}
    sent = Message.objects.filter(delivery=delivery, status=MessageStatus.DELIVERED, outcome_at__isnull=False)
    _add(hours, "sent", sent.annotate(hour=TruncHour("outcome_at")).values("hour").annotate(count=Count("id")))
    acts = (
        Event.objects.filter(delivery=delivery, origin=Origin.PERSON).annotate(hour=TruncHour("at")).values("hour")
    )
    _add(hours, "views", acts.filter(action=Action.VIEW).annotate(count=Count("id")))
    _add(hours, "clicks", acts.filter(action=Action.CLICK).annotate(count=Count("id")))
    return [hours[hour] for hour in sorted(hours)]


def _add(hours: dict[str, dict[str, Any]], name: str, rows: Any) -> None:
    for row in rows.order_by(F("hour")):
        hour = row["hour"].isoformat()
        hours.setdefault(hour, {"hour": hour, "sent": 0, "views": 0, "clicks": 0})[name] = row["count"]
