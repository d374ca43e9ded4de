"""What Prometheus reads, counted in the database when it asks: it is right however many processes come and go."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deliveries import workers
from deliveries.health import bundle_metrics
from deliveries.models import Worker
from deliveries.sending.ledger import relay_health

_GOING = "SELECT id FROM deliveries_delivery WHERE status IN ('sending', 'paused')"
_DEPTH = f"""
    SELECT status, count(*) FROM deliveries_message WHERE delivery_id IN ({_GOING})
    AND status IN ('pending', 'sending', 'deferred', 'in_doubt') GROUP BY status
"""  # noqa: S608  a constant of ours
_DEFERRED = f"""
    SELECT split_part(address, '@', 2) AS domain, count(*) FROM deliveries_message
    WHERE delivery_id IN ({_GOING}) AND status = 'deferred' GROUP BY 1 ORDER BY 2 DESC LIMIT 20
"""  # noqa: S608  the same
_OLDEST = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(r.due_at)), 0)
    FROM deliveries_sendingrange AS r JOIN deliveries_delivery AS d ON d.id = r.delivery_id
    WHERE d.status = 'sending' AND r.owner IS NULL AND r.due_at <= clock_timestamp()
"""

_UNCOUNTED = """
    SELECT coalesce((
        SELECT greatest(extract(epoch FROM clock_timestamp() - at), 0) FROM deliveries_hit
        WHERE id > coalesce((SELECT max(last_hit) FROM deliveries_classifiermark), 0) ORDER BY id LIMIT 1
    ), 0)
"""


class _Product(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _messages()
        yield from _waves()
        yield from bundle_metrics.collect()
        yield GaugeMetricFamily(
            "xmld_oldest_hit_seconds", "How long the oldest open or click waits to be counted", _one(_UNCOUNTED)
        )
        alive = GaugeMetricFamily("xmld_workers", "Processes that are alive", labels=["kind"])
        for kind in workers.SILENCE:
            alive.add_metric([kind], workers.alive(kind).count())
        yield alive
        relay = relay_health.failing()
        yield GaugeMetricFamily("xmld_relay_failing", "1 while the relay takes nothing", 0 if relay is None else 1)


def _rows(query: str) -> list[tuple[str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [(str(name), float(number)) for name, number in cursor.fetchall()]


def _one(query: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return float(cursor.fetchone()[0])


def _messages() -> Iterator[Metric]:
    depth = GaugeMetricFamily("xmld_messages", "Messages of deliveries that go out, not final", labels=["status"])
    counted = dict(_rows(_DEPTH))
    for status in ("pending", "sending", "deferred", "in_doubt"):
        depth.add_metric([status], counted.get(status, 0))
    yield depth
    deferred = GaugeMetricFamily("xmld_deferred", "Messages to be retried, 20 most met domains", labels=["domain"])
    for domain, number in _rows(_DEFERRED):
        deferred.add_metric([domain], number)
    yield deferred
    yield GaugeMetricFamily(
        "xmld_oldest_waiting_seconds", "How long the oldest due range waits for a sender", _one(_OLDEST)
    )


def _waves() -> Iterator[Metric]:
    """Sum over all senders there ever were, so that it only grows; a sender tells its own every few seconds."""
    told = Worker.objects.filter(kind="sender").aggregate(
        accepted=Sum("accepted"), waves=Sum("waves"), seconds=Sum("wave_seconds")
    )
    yield CounterMetricFamily("xmld_accepted", "Messages that the relay accepted", told["accepted"] or 0)
    yield CounterMetricFamily("xmld_waves", "Transactions of senders", told["waves"] or 0)
    yield CounterMetricFamily("xmld_wave_seconds", "Seconds that these transactions took", told["seconds"] or 0)


def exposition() -> bytes:
    """Return all of it in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Product())
    return generate_latest(registry)
