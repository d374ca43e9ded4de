"""What is due, asked each second (architecture, Processes).

One clock is active, the one that has beaten longest; the others wait until it is silent. Each question is one
conditional UPDATE … RETURNING on the database's clock, and what it returns is queued in the same transaction: so
two clocks, or a clock that jumps, queue nothing twice. A mark that is older than a minute is made anew, and one
that lies in the future (the machine's clock went back) counts as old. Spaces are only marked: most of them have
nothing on them, and a look is all that they need (intake/polling/looks.py).
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction
from django_q.models import OrmQ, Schedule

from deliveries import queue
from deliveries.intake.leases import lease
from deliveries.intake.polling.looks import Looks
from deliveries.workers import heartbeat, is_first

EVERY: Final = 1.0  # seconds: what is due is queued so late at most
LOOK_EVERY: Final = 0.05  # while looks are under way: a semaphore that was seen is not kept waiting
HEARTBEAT_EVERY: Final = 5.0  # a cluster counts as silent after 60 s (workers.SILENCE)
LADDER_EVERY: Final = 6 * 3600.0  # reference 7
PRUNE_EVERY: Final = 24 * 3600.0  # what is pruned was kept for days at least
PRUNE_FIRST: Final = 3600.0  # a start has other things to do
# With a queue this long no heartbeat is asked for: its tasks tell of the cluster as they run.
LONGEST_QUEUE: Final = 200

# A lease that lapsed and was not given back: who held it died over a run. A poll further ahead than the interval or
# the longest back-off (15 min) was planned by a clock that has gone back since.
_SPACES: Final = """
UPDATE deliveries_sftpspace SET queued_at = clock_timestamp()
 WHERE id IN (
   SELECT id FROM deliveries_sftpspace
    WHERE paused_at IS NULL
      AND (next_poll_at <= clock_timestamp() OR lease_until < clock_timestamp()
           OR next_poll_at > clock_timestamp() + greatest(poll_seconds, 900) * interval '1 s' + interval '5 s')
      AND (queued_at IS NULL OR queued_at NOT BETWEEN clock_timestamp() - interval '60 s' AND clock_timestamp())
      AND (lease_until IS NULL OR lease_until < clock_timestamp()
           OR lease_until > clock_timestamp() + interval '5 min')
    ORDER BY next_poll_at FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_RUNS: Final = """
UPDATE deliveries_processingrun SET resume_at = clock_timestamp() + interval '30 s'
 WHERE id IN (
   SELECT r.id FROM deliveries_processingrun r JOIN deliveries_sftpspace s ON s.id = r.space_id
    WHERE r.status = 'LOADING'
      AND (r.resume_at <= clock_timestamp() OR r.resume_at > clock_timestamp() + interval '1 min')
      AND (s.lease_until IS NULL OR s.lease_until < clock_timestamp())
    FOR UPDATE OF r SKIP LOCKED)
RETURNING id
"""
_DELIVERIES: Final = """
UPDATE deliveries_delivery SET start_queued_at = clock_timestamp()
 WHERE id IN (
   SELECT id FROM deliveries_delivery
    WHERE status = 'scheduled' AND start_at <= clock_timestamp()
      AND (start_queued_at IS NULL
           OR start_queued_at NOT BETWEEN clock_timestamp() - interval '60 s' AND clock_timestamp())
    ORDER BY start_at FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_SUMMARIES: Final = """
SELECT r.id FROM deliveries_processingrun r JOIN deliveries_sftpspace s ON s.id = r.space_id
 WHERE r.mailed_at IS NULL AND cardinality(s.notify) > 0
   AND coalesce(r.ended_at, r.started_at) BETWEEN clock_timestamp() - interval '1 day'
                                              AND clock_timestamp() - interval '60 s'
   AND (s.collecting_since IS NULL OR r.status <> 'ERROR' OR r.sub_status = 'QUARANTINED')
   AND (r.sub_status IN ('DUPLICATE_HELD', 'QUARANTINED') OR r.ended_at IS NOT NULL AND 'email' = ANY(s.reports))
"""
_COLLECTED: Final = """
SELECT id FROM deliveries_sftpspace WHERE collecting_since < clock_timestamp() - interval '1 hour'
"""
_REPORTS: Final = """
SELECT p.id FROM deliveries_reportplan p JOIN deliveries_delivery d ON d.id = p.delivery_id
 WHERE p.sent_at IS NULL AND d.status IN ('sending', 'paused', 'sent', 'stopped')
   AND p.due_at BETWEEN clock_timestamp() - interval '7 days' AND clock_timestamp()
"""
# Who sends at once watches it go out and needs no mail; of what takes longer they want to hear.
_SENT: Final = """
SELECT d.id FROM deliveries_delivery d
 WHERE d.status = 'sent' AND d.type = 'normal' AND d.told_at IS NULL
   AND d.ended_at > clock_timestamp() - interval '1 day' AND d.ended_at - d.started_at > interval '10 min'
   AND EXISTS (SELECT FROM deliveries_activity a WHERE a.delivery_id = d.id AND a.actor_id IS NOT NULL
                  AND a.verb IN ('started', 'scheduled'))
"""
# A task that was lost, or died over its file.
_DOWNLOADS: Final = """
UPDATE deliveries_download SET queued_at = clock_timestamp()
 WHERE status = 'waiting' AND queued_at < clock_timestamp() - interval '30 min'
RETURNING id
"""


def _mark(question: str) -> list[int]:
    """Mark what the question finds due as queued, and return its ids."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [row[0] for row in cursor.fetchall()]


def _enqueue(question: str, task: str) -> int:
    """Queue the task for each id that the question returns, in one transaction; returns how many."""
    with transaction.atomic():
        due = _mark(question)
        for identity in due:
            queue.enqueue(task, identity)
    return len(due)


def enqueue_due() -> int:
    """Ask what is due and queue it; safe from anywhere, at any time. Returns how much was queued."""
    return _enqueue_deliveries_and_runs() + _enqueue(_SPACES, queue.POLL_SPACE)


def _enqueue_deliveries_and_runs() -> int:
    return _enqueue(_DELIVERIES, queue.START_DELIVERY) + _enqueue(_RUNS, queue.RESUME_RUN)


def enqueue_mails() -> None:
    """Queue what may wait for a minute: summaries, statistics that are due, what was sent, lost exports."""
    _enqueue(_SUMMARIES, queue.SEND_SUMMARY)
    _enqueue(_COLLECTED, queue.SEND_COLLECTED)
    _enqueue(_REPORTS, queue.SEND_REPORT)
    _enqueue(_DOWNLOADS, queue.MAKE_DOWNLOAD)
    _enqueue(_SENT, queue.TELL_SENT)


def ask_for_heartbeat() -> None:
    """Queue a heartbeat, by which the cluster shows that it works."""
    if OrmQ.objects.count() < LONGEST_QUEUE:
        queue.enqueue(queue.HEARTBEAT)


class Clock:
    """The loop: one of all machines is the active one; two for a moment do no harm."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._active = False
        self._next: dict[str, float] = dict.fromkeys(("ladder", "prune"), time.monotonic() + PRUNE_FIRST)
        self._looks = Looks()

    def _every(self, name: str, seconds: float, action: Callable[[], object]) -> None:
        now = time.monotonic()
        if now >= self._next.get(name, 0.0):
            self._next[name] = now + seconds
            action()

    def tick(self) -> bool:
        """One look; returns whether this clock is the active one."""
        was, self._active = self._active, is_first("clock", heartbeat("clock", os.getpid()))
        if self._active and not was:
            _schedule_without_a_clock()
        if was and not self._active:
            self._looks.close()  # the spaces are another's now, and some servers allow few connections
            self._looks = Looks()
        lease.free_the_dead()
        if self._active:
            _enqueue_deliveries_and_runs()
            self._looks.collect()
            self._looks.begin(_mark(_SPACES))
            self._every("heartbeat", HEARTBEAT_EVERY, ask_for_heartbeat)
            self._every("mails", 60.0, enqueue_mails)
            self._every("ladder", LADDER_EVERY, lambda: queue.enqueue(queue.CLEAR_LADDER))
            self._every("prune", PRUNE_EVERY, lambda: queue.enqueue(queue.PRUNE))
        return self._active

    def run(self) -> None:
        """Look each second until told to stop; a database that is away is tried again."""
        try:
            self._run()
        finally:
            self._looks.close()

    def _run(self) -> None:
        log = structlog.get_logger(__name__)
        while not self._stop.is_set():
            until = time.monotonic() + EVERY
            try:
                self.tick()
                self._rest(until)
            except (DatabaseError, InterfaceError) as error:
                log.warning("the database did not do it: asked again", reason=str(error).strip()[:200])
                self._active = False
                connection.close()
                self._stop.wait(EVERY)

    def _rest(self, until: float) -> None:
        """Wait for the next tick; what a look finds is queued meanwhile, for a client may wait for it."""
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            self._stop.wait(min(LOOK_EVERY, left) if self._looks.under_way else left)
            self._looks.collect()


def _schedule_without_a_clock() -> None:
    """Have django-q2 ask once a minute what is due, should no clock run."""
    Schedule.objects.update_or_create(
        name="ring",  # as 0.1.0 called it: under another name its row would go on to call a function that is gone
        defaults={"func": queue.ENQUEUE_DUE, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1},
    )
