"""What the classifier writes: events, earlier verdicts corrected, first times, visits, own targets."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from deliveries.models import Action, Event, Origin
from deliveries.tracking.classifier import changes
from deliveries.tracking.classifier.changes import Changes, Classified
from deliveries.tracking.classifier.reading import MessageState
from deliveries.tracking.classifier.rules import Hit

# Of a delivery whose people have pages of their own so many addresses are counted apart, the rest as others.
MOST_OWN_TARGETS: Final = 10_000

_EVENTS: Final = """
    INSERT INTO deliveries_event (account_id, delivery_id, message_id, at, action, origin, classification,
                                  reference, ip, user_agent, hit)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[],
                         %s::smallint[], %s::text[], %s::text[]::inet[], %s::text[], %s::bigint[])
"""
# The events of visitors that were found out to be machines: by message, address and agent, or by the hit.
_FOUND_OUT: Final = """
    SELECT e.id, e.hit, e.delivery_id, e.message_id, e.at, e.action, e.origin, e.classification, e.reference
    FROM deliveries_event AS e
    WHERE e.message_id = ANY(%s) AND e.action IN ('v', 'c') AND e.origin <> 'machine' AND e.hit IS NOT NULL
      AND (e.hit = ANY(%s)
           OR (e.message_id, coalesce(host(e.ip), ''), e.user_agent)
              IN (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])))
    ORDER BY e.id
"""
_FIRSTS: Final = """
    SELECT message_id, min(at) FILTER (WHERE action = 'v' AND origin = 'person'),
           min(at) FILTER (WHERE action = 'c' AND origin = 'person'), min(at) FILTER (WHERE origin = 'web'),
           coalesce(bit_or(CASE classification WHEN 1 THEN 2 ELSE 1 END)
                    FILTER (WHERE action = 'v' AND origin = 'person'), 0)
    FROM deliveries_event WHERE message_id = ANY(%s) AND action IN ('v', 'c') GROUP BY message_id
"""
_HELD: Final = "SELECT id FROM deliveries_message WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_KEEP: Final = """
    UPDATE deliveries_message AS m
    SET first_view_at = u.v, first_click_at = u.c, first_web_at = u.w, devices = u.d
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::smallint[])
         AS u (id, v, c, w, d)
    WHERE m.id = u.id
"""
_VISIT: Final = """
    INSERT INTO deliveries_linkvisit (delivery_id, message_id, key)
    SELECT DISTINCT d, m, k FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS u (d, m, k) ORDER BY m, k
    ON CONFLICT DO NOTHING RETURNING delivery_id, key
"""
_UNVISIT: Final = """
    DELETE FROM deliveries_linkvisit AS v WHERE v.message_id = ANY(%s) AND NOT EXISTS (
        SELECT FROM deliveries_event AS e
        WHERE e.message_id = v.message_id AND e.action = 'c' AND e.origin = 'person' AND e.reference = v.key)
    RETURNING delivery_id, key
"""
_TARGETS: Final = """
    INSERT INTO deliveries_owntarget (delivery_id, key, url)
    SELECT d, k, u FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS t (d, k, u)
    WHERE (SELECT count(*) FROM deliveries_owntarget AS o WHERE o.delivery_id = d) < %s
    ORDER BY d, k ON CONFLICT DO NOTHING
"""
_COUNTED_APART: Final = """
    SELECT o.delivery_id, o.key FROM deliveries_owntarget AS o
    JOIN unnest(%s::bigint[], %s::text[]) AS t (d, k) ON o.delivery_id = t.d AND o.key = t.k
"""
OTHERS: Final = "~others"


def events(classified: Sequence[Classified], hits: Mapping[int, Hit], accounts: Mapping[int, int]) -> None:
    """Write an event for each verdict."""
    rows = [
        (
            accounts[one.delivery_id], one.delivery_id, one.message_id, one.at, one.action.value, one.origin.value,
            one.device, one.reference, hits[one.hit_id].ip or None, hits[one.hit_id].agent, one.hit_id,
        )
        for one in classified
    ]  # fmt: skip
    _write(_EVENTS, rows)


def correct(visitors: Collection[tuple[int | None, str, str]], burst: Mapping[int, int]) -> list[Classified]:
    """Take earlier verdicts "person" back; return them as they were. `burst` is the message of each hit."""
    if not visitors and not burst:
        return []
    messages = sorted({who[0] or 0 for who in visitors} | set(burst.values()))
    columns = [list(column) for column in zip(*visitors, strict=True)] or [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute(_FOUND_OUT, [messages, sorted(burst), *columns])
        rows = cursor.fetchall()
    # The event stays with its time; only whose it was was wrong.
    Event.objects.filter(id__in=[row[0] for row in rows]).update(origin=Origin.MACHINE)
    return [
        Classified(hit, delivery, message, at, Action(action), Origin(origin), device, reference)
        for _id, hit, delivery, message, at, action, origin, device, reference in rows
    ]


def read_firsts(states: Iterable[MessageState]) -> None:
    """Read again what these messages' people did first: a verdict was taken back, so a first time may be gone."""
    of = {state.id: state for state in states}
    with connection.cursor() as cursor:
        cursor.execute(_FIRSTS, [sorted(of)])
        for message_id, view_at, click_at, web_at, devices in cursor.fetchall():
            state = of[message_id]
            state.view_at, state.click_at, state.web_at, state.devices = view_at, click_at, web_at, devices


def firsts(states: Sequence[MessageState]) -> None:
    """Write what these messages' people did first, locked in the order in which senders lock messages."""
    if states:
        with connection.cursor() as cursor:
            # Sorted, as two that lock in different orders wait for each other for ever.
            cursor.execute(_HELD, [sorted(state.id for state in states)])
    _write(_KEEP, [(state.id, *state.firsts) for state in states])


def visits(clicks: Iterable[Classified], corrected: Collection[int]) -> Changes:
    """Write first clicks on links and take back those of corrected messages; return what that adds."""
    found: Changes = Counter()
    rows = [(one.delivery_id, one.message_id, one.reference) for one in clicks]
    with connection.cursor() as cursor:
        if rows:
            cursor.execute(_VISIT, [list(column) for column in zip(*rows, strict=True)])
            for delivery_id, key in cursor.fetchall():
                found.update(changes.of_first_visit(delivery_id, key))
        if corrected:
            cursor.execute(_UNVISIT, [sorted(corrected)])
            for delivery_id, key in cursor.fetchall():
                found.subtract(changes.of_first_visit(delivery_id, key))
    return found


def own_targets(targets: Mapping[tuple[int, str], str]) -> dict[tuple[int, str], str]:
    """Write the addresses of people's own pages by delivery and key; return under which key each is counted."""
    if not targets:
        return {}
    rows = [(delivery, key, url) for (delivery, key), url in targets.items()]
    deliveries, keys, urls = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_TARGETS, [deliveries, keys, urls, MOST_OWN_TARGETS])
        cursor.execute(_COUNTED_APART, [deliveries, keys])
        apart = set(cursor.fetchall())
    return {which: which[1] if which in apart else OTHERS for which in targets}


def _write(query: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(query, [list(column) for column in zip(*rows, strict=True)])
