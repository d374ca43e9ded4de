"""How far a delivery has come, as a bar of outcomes with rate and time left: one query for all of a page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import caches
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from deliveries.models import Delivery, DeliveryStatus, KeptFigures, Message, MessageStatus
from deliveries.statistics.figures import ENDED, OUTCOMES
from deliveries.statistics.words import FIGURES
from recipients.admin.badges import grouped

_S: Final = DeliveryStatus
# What was written to, with an answer or without; blacklisted and cancelled people were never tried.
TRIED: Final = ("delivered", "bounced", "errors", "expired", "in_doubt")
LEFT: Final = ("pending", "deferred")
TONES: Final = {
    "delivered": "good",
    "bounced": "bad",
    "errors": "bad",
    "expired": "bad",
    "in_doubt": "wait",
    "deferred": "wait",
    "cancelled": "none",
    "blacklist_matches": "none",
    "temporary_blacklist_matches": "none",
    "pending": "rest",
}
# So long before it goes out, taking it back is what somebody wants who pressed too early.
_SOON: Final = timedelta(minutes=2)
_WINDOW: Final = timedelta(seconds=30)  # of the rate on show: long enough for a figure that does not jump
_LEAST: Final = timedelta(seconds=1)  # of it, for what has only just started
# How long a page that nothing happens on is asked again: somebody else may act on the delivery.
_MOVING, _RESTING = 2, 10
_MINUTE, _HOUR = 60, 3600
_LARGE: Final = 20_000  # messages: whoever watches such a one shares its counts, else each look would read them all


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the bar: a share of the size in hundredths of a percent, in the tone of its outcome."""

    label: StrOrPromise
    tone: str
    count: int
    share: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What is shown of a delivery that has started; `rate` is messages a minute over the last half minute."""

    size: int
    tried: int
    left: int
    doubtful: int
    segments: tuple[Segment, ...]
    rate: int
    seconds_left: int | None

    @property
    def sentence(self) -> str:
        """Return how many of how many were written to."""
        return _("%(tried)s of %(size)s written to") % {"tried": grouped(self.tried), "size": grouped(self.size)}

    @property
    def pace(self) -> str:
        """Return rate and time left in words; "" when nothing went out lately."""
        if not self.rate or not self.left:
            return ""
        rate = _("%(n)s a minute") % {"n": grouped(self.rate)}
        return f"{rate} · {_span(self.seconds_left)}" if self.seconds_left is not None else rate


def _span(seconds: int) -> str:
    if seconds < _MINUTE:
        return _("less than a minute left")
    if seconds < _HOUR:
        minutes = round(seconds / _MINUTE)
        return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": grouped(minutes)}
    hours = round(seconds / _HOUR)
    return ngettext("about %(n)s hour left", "about %(n)s hours left", hours) % {"n": grouped(hours)}


def progress_of(ids: list[int], *, now: datetime | None = None) -> dict[int, Progress]:
    """Return the progress of each delivery that has messages, in three queries whatever their number.

    Of what has ended the kept counts are read: a page of 25 large ones would count for seconds.
    """
    kept = KeptFigures.objects.filter(delivery__in=ids, stale=False, delivery__status__in=ENDED)
    known = {pk: _progress(dict(outcomes)) for pk, outcomes in kept.values_list("delivery_id", "outcomes")}
    return known | _counted([pk for pk in ids if pk not in known], now)


def _counted(ids: list[int], now: datetime | None) -> dict[int, Progress]:
    if not ids:
        return {}
    moment = now or timezone.now()
    going = {pk: (began, size or 0) for pk, began, size in _going(ids)}
    shared = {f"progress-{pk}": pk for pk, (_began, size) in going.items() if size >= _LARGE}
    store = caches["counts"]
    found = {shared[key]: counted for key, counted in store.get_many(shared).items()}
    fresh = _count([pk for pk in ids if pk not in found], moment - _WINDOW)
    store.set_many({key: fresh[pk] for key, pk in shared.items() if pk in fresh}, _MOVING)
    spans = {pk: _span_of(moment, began) for pk, (began, _size) in going.items()}
    return {pk: _progress(dict(counts), recent, spans.get(pk)) for pk, (counts, recent) in (found | fresh).items()}


def _span_of(moment: datetime, began: datetime | None) -> timedelta:
    return min(_WINDOW, max(_LEAST, moment - began)) if began else _WINDOW


def _going(ids: list[int]) -> Any:
    return Delivery.objects.filter(pk__in=ids, status=_S.SENDING).values_list("pk", "started_at", "size")


def _count(ids: list[int], since: datetime) -> dict[int, tuple[dict[str, int], int]]:
    """Return how many of each are in which state, and how many were tried since then."""
    found: dict[int, tuple[dict[str, int], int]] = {}
    recent = Count("id", filter=Q(outcome_at__gte=since, attempt__gt=0))
    rows = Message.objects.filter(delivery__in=ids).values("delivery_id", "status").order_by()
    for row in rows.annotate(n=Count("id"), recent=recent) if ids else ():
        mine, lately = found.get(row["delivery_id"], ({}, 0))
        name = OUTCOMES[row["status"]]
        mine[name] = mine.get(name, 0) + row["n"]
        found[row["delivery_id"]] = mine, lately + row["recent"]
    return found


def _progress(found: dict[str, int], recent: int = 0, span: timedelta | None = None) -> Progress:
    """Return it; `recent` messages were tried in the `span`, which what doesn't go out has none of."""
    found.pop("size", None)
    size, left = sum(found.values()), sum(found.get(name, 0) for name in LEFT)
    segments = tuple(
        Segment(FIGURES[name], tone, found[name], f"{found[name] / size:.4%}")
        for name, tone in TONES.items()
        if found.get(name)
    )
    tried = sum(found.get(name, 0) for name in TRIED)
    a_second = recent / span.total_seconds() if span else 0.0
    rate, seconds = round(a_second * _MINUTE), round(left / a_second) if a_second else None
    return Progress(size, tried, left, found.get("in_doubt", 0), segments, rate, seconds)


def about_to_start(row: Delivery) -> bool:
    """Return whether it is on its way to the senders: due, and its audience being frozen."""
    return row.status == _S.SCHEDULED and row.start_at is not None and row.start_at <= timezone.now()


def goes_soon(row: Delivery) -> bool:
    """Return whether it is about to go out, and can still be taken back."""
    return row.status == _S.SCHEDULED and row.start_at is not None and row.start_at < timezone.now() + _SOON


def seconds_between_looks(row: Delivery, shown: Progress | None) -> int:
    """Return how often a page asks again; 0 when nothing about it moves by itself any more."""
    if row.status in {_S.SENDING, _S.PREPARING} or goes_soon(row):
        return _MOVING
    if row.status == _S.STOPPED and shown is not None and shown.left:
        return _MOVING  # what was on its way still ends as it ends
    return 0 if row.status in {_S.STOPPED, _S.SENT} and not _fresh(row) else _RESTING


def _fresh(row: Delivery) -> bool:
    return row.ended_at is not None and timezone.now() - row.ended_at < timedelta(minutes=5)


def of_row(row: Any) -> Progress | None:
    """Return the progress that a list set on the row, else count it and set it there."""
    if not hasattr(row, "progress"):
        row.progress = progress_of([row.pk]).get(row.pk) if row.size is not None else None
    found: Progress | None = row.progress
    return found


def live(row: Delivery) -> dict[str, Any]:
    """Return what changes on a delivery's page while it is looked at."""
    shown = of_row(row)
    return {"progress": shown, "every": seconds_between_looks(row, shown), "starting": about_to_start(row)}


WAITING_MESSAGES: Final = (MessageStatus.PENDING, MessageStatus.DEFERRED)
