"""What Prometheus reads of spaces and runs: whether bundles are looked for, taken, and come to a good end."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import connection
from prometheus_client.core import GaugeMetricFamily, Metric

_RUN_STATES: Final = ("working", "held")
_SPACE_STATES: Final = ("fine", "failing", "paused")

_RUNS = """
    SELECT CASE sub_status WHEN 'DUPLICATE_HELD' THEN 'held' ELSE 'working' END, count(*)
    FROM deliveries_processingrun WHERE status = 'LOADING' GROUP BY 1
"""
# By its last step, not by its start: a run that was tried again after a week has not waited for a week.
_OLDEST = """
    SELECT coalesce(extract(epoch FROM max(clock_timestamp() - stands.since)), 0)
    FROM (SELECT coalesce((SELECT max(t.started_at) FROM deliveries_runtransition AS t WHERE t.run_id = r.id),
                          r.started_at) AS since
          FROM deliveries_processingrun AS r
          WHERE r.status = 'LOADING' AND r.sub_status <> 'DUPLICATE_HELD') AS stands
"""
_FAILED = """
    SELECT count(*) FROM deliveries_processingrun
    WHERE status = 'ERROR' AND code <> 'DISCARDED' AND ended_at > clock_timestamp() - interval '1 hour'
"""
_SPACES = """
    SELECT CASE WHEN paused_at IS NOT NULL THEN 'paused'
                WHEN failing_since IS NOT NULL THEN 'failing'
                ELSE 'fine' END, count(*)
    FROM deliveries_sftpspace GROUP BY 1
"""
_POLLED = """
    SELECT a.name, s.name, extract(epoch FROM clock_timestamp() - coalesce(s.last_poll_at, s.created_at))
    FROM deliveries_sftpspace AS s JOIN recipients_account AS a ON a.id = s.account_id
    WHERE s.paused_at IS NULL ORDER BY a.name, s.name
"""


def collect() -> Iterator[Metric]:
    """Yield the figures of runs, then those of spaces."""
    yield _by_state("xmld_runs", "Runs that have not ended", _RUN_STATES, _RUNS)
    yield GaugeMetricFamily(
        "xmld_oldest_run_seconds", "How long the run that stands longest at its step has stood there", _one(_OLDEST)
    )
    yield GaugeMetricFamily("xmld_failed_runs", "Runs that ended in error within the last hour", _one(_FAILED))
    yield _by_state("xmld_spaces", "Spaces", _SPACE_STATES, _SPACES)
    polled = GaugeMetricFamily(
        "xmld_space_poll_age_seconds", "Time since a space was last looked at", labels=["account", "space"]
    )
    for account, space, seconds in _rows(_POLLED):
        polled.add_metric([str(account), str(space)], float(seconds))
    yield polled


def _by_state(name: str, what: str, states: tuple[str, ...], query: str) -> Metric:
    counted = dict(_rows(query))
    family = GaugeMetricFamily(name, what, labels=["state"])
    for state in states:
        family.add_metric([state], counted.get(state, 0))
    return family


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _one(query: str) -> float:
    return float(_rows(query)[0][0])
