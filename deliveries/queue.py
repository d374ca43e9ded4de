"""The queue: a task put here commits or rolls back with the rows around it (django-q2's ORM broker).

Tasks are named by dotted strings, so that stages need not import one another.
"""

from typing import Final

from django_q.tasks import async_task

POLL_SPACE: Final = "deliveries.tasks.poll_space"
RESUME_RUN: Final = "deliveries.tasks.resume_run"
START_DELIVERY: Final = "deliveries.tasks.start_delivery"
HEARTBEAT: Final = "deliveries.tasks.heartbeat"
ENQUEUE_DUE: Final = "deliveries.clock.enqueue_due"
SEND_SUMMARY: Final = "deliveries.tasks.send_summary"
CLEAR_LADDER: Final = "deliveries.tasks.clear_ladder"
PRUNE: Final = "deliveries.tasks.prune"
SEND_COLLECTED: Final = "deliveries.tasks.send_collected"
EXAMINE_SENDER: Final = "deliveries.tasks.examine_sender"
TELL_SENT: Final = "deliveries.tasks.tell_sent"
MAKE_DOWNLOAD: Final = "deliveries.tasks.make_download"
SEND_REPORT: Final = "deliveries.tasks.send_report"


def enqueue(task: str, *arguments: int) -> None:
    """Queue a task by its dotted name; safe to call twice, as every task is safe to run twice."""
    async_task(task, *arguments)
