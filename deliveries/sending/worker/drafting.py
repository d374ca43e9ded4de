"""A job becomes a draft: its kept bytes where there are some, else composed from the values read with it.

Drafts are made ahead while a wave is with the database: its answer takes 4 ms, and before it comes the other
connections have done what they can.
"""

import asyncio
import logging
import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from deliveries import conf, message_digest
from deliveries.errors import ClientError
from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.worker import outcomes
from deliveries.sending.worker.compose import return_path, write
from deliveries.sending.worker.group_commit import Waves
from deliveries.sending.worker.jobs import Job
from deliveries.sending.worker.turns import Turns
from recipients import suppressions

_log: Final = logging.getLogger(__name__)
FRESH: Final = 10.0  # seconds; a message's Date is when it was composed, and it may expire meanwhile
_BYTES_AHEAD: Final = 4 * 1024**2  # of messages of 10 MB there is one ahead
_ENDS_A_COMMAND: Final = re.compile(r"[\x00-\x20\x7f<>]")


async def draft_ahead(turns: Turns, waves: Waves) -> None:
    """Draft for ever what is to go out next, one after the other, while a wave is with the database."""
    most = 2 * conf.connections()
    while True:
        await waves.begun.wait()
        waves.begun.clear()
        left = _BYTES_AHEAD
        for job in turns.upcoming(most):
            if left <= 0 or not waves.committing:
                break
            if job.draft is None and job.values is not None and not job.held_up:
                draft_of(job)
                await asyncio.sleep(0)  # replies that came meanwhile go first
            left -= len(job.draft.body) if isinstance(job.draft, Composed) else 0


def draft_of(job: Job) -> Composed | Outcome:
    """Return the draft of a job, made anew where it has waited for long; nothing of it is in the ledger yet."""
    now = time.monotonic()
    if job.draft is None or now - job.drafted_at > FRESH:
        job.draft, job.drafted_at = _drafted(job), now
    return job.draft


def _drafted(job: Job) -> Composed | Outcome:
    """Compose; what goes wrong with one message is its own outcome."""
    row = job.row
    try:
        return draft(job)
    except ClientError as error:
        return outcomes.faulty(row.id, row.attempt, f"{error.code}: {error.message}")
    except MemoryError:  # it is the process that can't go on: another sends this message
        raise
    except Exception as error:  # noqa: BLE001  one message must not end a process that sends for everybody
        _log.exception("MSG_INTERNAL: message %s can't be composed", row.id)
        return outcomes.faulty(row.id, row.attempt, f"MSG_INTERNAL: {type(error).__name__} in composing")


def draft(job: Job) -> Composed | Outcome:
    """Return the message ready to go out, or the result that says why it won't; raises ComposeError."""
    row, mailing = job.row, job.leased.mailing
    now = _second(int(time.time()))
    if now >= mailing.expires_at:
        return outcomes.expired(row.id, row.attempt, mailing.expires_at)
    composed_at = row.composed_at or now
    emptied = None
    if job.kept is not None:
        body, path = job.kept, return_path(mailing, row.id)
        digest = row.digest or message_digest.digest(job.kept)
    elif job.values is None:
        return outcomes.faulty(row.id, row.attempt, "the person's row is no longer in the database")
    else:
        written = write(mailing, row, job.values, composed_at)
        if written.changed:
            return outcomes.faulty(
                row.id,
                row.attempt,
                "the person's values have changed since it was first written, and a message is sent again only as"
                " it was: see whether it arrived, then write to this person anew",
            )
        body, digest, path, emptied = written.body, written.digest, written.return_path, written.emptied
    if _ENDS_A_COMMAND.search(path + row.address):  # never: whoever comes here got past every check
        return outcomes.faulty(row.id, row.attempt, "MSG_ENVELOPE: an address holds what would end its command")
    return Composed(
        row.id,
        row.attempt,
        row.address,
        path,
        body,
        digest,
        suppressions.fingerprint(row.address.lower()),
        composed_at,
        keep=mailing.keep_copies and job.kept is None,
        emptied=emptied,
        dotless=job.kept is None,
    )


@lru_cache(maxsize=1)
def _second(number: int) -> datetime:
    """Return a second of the clock, one object for all messages in it, whose Date header is made once then."""
    return datetime.fromtimestamp(number, UTC)
