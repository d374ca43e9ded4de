"""The counters of a delivery, counted anew from its events (reference 6, `reconcile --mend`)."""

from typing import Final

from django.db import connection, transaction

from deliveries.messages import event_log
from deliveries.models import ClassifierMark, Counter, KeptFigures, LinkVisit

_FIRSTS: Final = """
    UPDATE deliveries_message AS m
    SET first_view_at = e.v, first_click_at = e.c, first_web_at = e.w, devices = coalesce(e.devices, 0)
    FROM deliveries_message AS same LEFT JOIN (
        SELECT message_id, min(at) FILTER (WHERE action = 'v' AND origin = 'person') AS v,
               min(at) FILTER (WHERE action = 'c' AND origin = 'person') AS c,
               min(at) FILTER (WHERE action = 'v' AND origin = 'web') AS w,
               bit_or(CASE classification WHEN 1 THEN 2 ELSE 1 END)
                   FILTER (WHERE action = 'v' AND origin = 'person') AS devices
        FROM deliveries_event WHERE delivery_id = %(id)s AND message_id IS NOT NULL GROUP BY message_id
    ) AS e ON e.message_id = same.id
    WHERE same.delivery_id = %(id)s AND m.id = same.id
      AND (m.first_view_at, m.first_click_at, m.first_web_at, m.devices)
          IS DISTINCT FROM (e.v, e.c, e.w, coalesce(e.devices, 0))
"""
_VISITS: Final = """
    INSERT INTO deliveries_linkvisit (delivery_id, message_id, key)
    SELECT DISTINCT delivery_id, message_id, reference FROM deliveries_event
    WHERE delivery_id = %(id)s AND action = 'c' AND origin = 'person' AND message_id IS NOT NULL AND reference <> ''
"""
# What each row adds, as `deliveries.tracking.classifier.changes` counts it hit by hit.
_COUNTERS: Final = """
    WITH e AS MATERIALIZED (
        SELECT CASE WHEN action = 'o' THEN 'unsubscribed' WHEN action = 'l' THEN 'list_unsubscribed'
                    WHEN action = 'z' THEN 'blacklisted' WHEN action = 'y' THEN 'temporary_blacklisted'
                    WHEN action = 'f' THEN 'complaints'
                    WHEN action = 'v' AND origin = 'person' THEN 'views'
                    WHEN action = 'v' AND origin = 'web' THEN 'web_views'
                    WHEN action = 'v' AND origin = 'machine' THEN 'machine_views'
                    WHEN action = 'c' AND origin = 'person' THEN 'clicks'
                    WHEN action = 'c' AND origin = 'machine' THEN 'machine_clicks' END AS figure,
               to_char(date_trunc('hour', at AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') AS hour,
               CASE classification WHEN 1 THEN '1' ELSE '0' END AS device, reference, count(*) AS n
        FROM deliveries_event WHERE delivery_id = %(id)s GROUP BY 1, 2, 3, 4
    ), m AS MATERIALIZED (
        SELECT lower(split_part(address, '@', 2)) AS domain, first_view_at IS NOT NULL AS viewed,
               first_click_at IS NOT NULL AS clicked, devices, count(*) AS n
        FROM deliveries_message
        WHERE delivery_id = %(id)s
          AND (first_view_at IS NOT NULL OR first_click_at IS NOT NULL OR first_web_at IS NOT NULL)
        GROUP BY 1, 2, 3, 4
    ), rows (dimension, figure, key, n) AS (
        SELECT '', figure, '', n FROM e WHERE figure IS NOT NULL
        UNION ALL SELECT 'hour', figure, hour, n FROM e WHERE figure IN ('views', 'clicks')
        UNION ALL SELECT 'device', 'views', device, n FROM e WHERE figure = 'views'
        UNION ALL SELECT 'link', 'clicks', reference, n FROM e WHERE figure = 'clicks' AND reference <> ''
        UNION ALL SELECT 'link', 'unique_clicks', key, count(*) FROM deliveries_linkvisit
                  WHERE delivery_id = %(id)s GROUP BY key
        UNION ALL SELECT '', 'unique_views', '', n FROM m
        UNION ALL SELECT '', 'hidden_views', '', n FROM m WHERE NOT viewed
        UNION ALL SELECT '', 'unique_clicks', '', n FROM m WHERE clicked
        UNION ALL SELECT 'domain', 'unique_views', domain, n FROM m
        UNION ALL SELECT 'domain', 'unique_clicks', domain, n FROM m WHERE clicked
        UNION ALL SELECT 'device', 'unique_views', '0', n FROM m WHERE devices & 1 > 0
        UNION ALL SELECT 'device', 'unique_views', '1', n FROM m WHERE devices & 2 > 0
    )
    INSERT INTO deliveries_counter (delivery_id, dimension, figure, key, stripe, value)
    SELECT %(id)s, dimension, figure, left(key, 255), 0, sum(n) FROM rows GROUP BY dimension, figure, left(key, 255)
"""


def mend(delivery_id: int) -> None:
    """Count a delivery anew: what its people did first, its counters; the kept outcomes are marked stale."""
    with transaction.atomic(), connection.cursor() as cursor:
        list(ClassifierMark.objects.select_for_update())  # no hit is classified meanwhile
        event_log.hold_counters(delivery_id)
        cursor.execute(_FIRSTS, {"id": delivery_id})
        LinkVisit.objects.filter(delivery=delivery_id).delete()
        cursor.execute(_VISITS, {"id": delivery_id})
        Counter.objects.filter(delivery=delivery_id).delete()
        cursor.execute(_COUNTERS, {"id": delivery_id})
        KeptFigures.objects.filter(delivery=delivery_id).update(stale=True)
