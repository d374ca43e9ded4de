"""What a delivery that goes out waits for, in one sentence."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries import workers
from deliveries.models import Delivery, DeliveryStatus, RateBucket, SendingRange
from deliveries.sending.ledger import relay_health

_LATELY: Final = timedelta(seconds=30)  # a rate without tokens within it holds messages back now


def waits_for(delivery: Delivery) -> str | None:
    """Return why it does not go on at once: no sender, the relay, a rate, retries; None where it does."""
    if delivery.status != DeliveryStatus.SENDING:
        return None
    zone = delivery.account.zone
    if not workers.alive("sender").exists():
        return _("waits for a sender: none is alive; start manage.py sender")
    relay = relay_health.failing()
    if relay is not None and relay.failing_since is not None:
        return _("waits for the relay since %(since)s: %(code)s, %(words)s") % {
            "since": _time_in_words(relay.failing_since, zone),
            "code": relay.code,
            "words": relay.words,
        }
    return _rate(delivery) or _retries(delivery, zone)


def _time_in_words(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _rate(delivery: Delivery) -> str | None:
    """Return which rate was asked in vain during the last half minute."""
    keys = ["relay", f"newsletter:{delivery.newsletter_id}"]
    lately = RateBucket.objects.filter(empty_at__gt=timezone.now() - _LATELY)
    own = lately.filter(key__in=keys).order_by("key").first()
    if own is not None:
        return _("waits for the relay's rate") if own.key == "relay" else _("waits for its newsletter's rate")
    domain = lately.filter(key__startswith=f"newsletter:{delivery.newsletter_id}:").order_by("-empty_at").first()
    if domain is None:
        return None
    return _("waits for the rate of %s") % domain.key.rsplit(":", 1)[1]


def _retries(delivery: Delivery, zone: ZoneInfo) -> str | None:
    """Return when the next retry is due where nothing else is left to do."""
    left = SendingRange.objects.filter(delivery=delivery)
    if left.exclude(owner=None).exists():
        return None
    due = left.aggregate(due=Min("due_at"))["due"]
    if due is None or due <= timezone.now():
        return None
    return _("waits for its next retry at %s") % _time_in_words(due, zone)
