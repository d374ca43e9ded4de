"""What the cluster works on: each task loads, calls one service and returns a line. All are safe to run twice.

A worker belongs to the process group of its cluster; a task that begins or goes on tells that the group lives.
"""

import os

from deliveries import workers
from deliveries.domains import examination
from deliveries.downloads import making
from deliveries.intake.polling import entry
from deliveries.intake.runs import summary_mail
from deliveries.messages import bounce_effects
from deliveries.privacy import retention
from deliveries.sending.lifecycle import start
from deliveries.statistics import report_mail, sent_mail


def note_alive() -> None:
    """Note that this worker's cluster is alive."""
    workers.heartbeat("cluster", os.getpgrp())


def heartbeat() -> str:
    """Answer the clock, which asks every few seconds: that is the proof."""
    note_alive()
    return "alive"


def poll_space(space_id: int) -> str:
    """One poll of one space, its runs worked to their end."""
    note_alive()
    return entry.poll(space_id, note_alive)


def resume_run(run_id: int) -> str:
    """Go on with a run that waited."""
    note_alive()
    return entry.resume(run_id, note_alive)


def start_delivery(delivery_id: int) -> str:
    """Freeze the audience of a delivery that is due, and let it go."""
    return start.begin(delivery_id)


def send_summary(run_id: int) -> str:
    """Mail the summary of a run that ended."""
    return summary_mail.send(run_id)


def clear_ladder() -> str:
    """End rows of bounces of addresses that take mail again."""
    return f"{bounce_effects.clear_settled()} addresses take mail again"


def prune() -> str:
    """Delete what is past its retention."""
    return ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in retention.prune().items())


def send_collected(space_id: int) -> str:
    """Mail the failed runs of a space that were not mailed one by one."""
    return summary_mail.send_collected(space_id)


def send_report(plan_id: int) -> str:
    """Mail the statistics of a delivery that are due."""
    return report_mail.send(plan_id)


def examine_sender(row_id: int) -> str:
    """Ask the DNS what receivers judge mails of a newsletter by, for the pages."""
    return examination.examine_queued(row_id)


def make_download(download_id: int) -> str:
    """Write the file of a large export."""
    note_alive()
    return making.make(download_id)


def tell_sent(delivery_id: int) -> str:
    """Mail to whoever started a delivery that it is sent."""
    return sent_mail.send(delivery_id)
