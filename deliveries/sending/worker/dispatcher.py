"""What the connections of one sender share: the turns of jobs, the ledger's waves, and how the relay is."""

import asyncio
from typing import Final

from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.smtp.backoff import Relay
from deliveries.sending.smtp.replies import Reply
from deliveries.sending.worker import policy_refusals
from deliveries.sending.worker.group_commit import Waves
from deliveries.sending.worker.jobs import Job
from deliveries.sending.worker.turns import Turns
from recipients.faults import Fault

REFUSALS_TO_PAUSE: Final = 3  # of MAIL in a row: one may be about a single return path
_LOOK: Final = 0.5  # pause and stop are looked for this often while the relay rests


class Dispatcher:
    """`stopping` is set by SIGTERM; `refused` are deliveries to pause, and why."""

    def __init__(self, waves: Waves, relay: Relay, stopping: asyncio.Event | None = None) -> None:
        self.waves = waves
        self.relay = relay
        self.turns = Turns()
        self.sessions = 0  # that are open
        self.stopping = stopping or asyncio.Event()
        self.refused: asyncio.Queue[tuple[int, Fault]] = asyncio.Queue()
        self._policy = policy_refusals.PolicyRefusals()
        self._refusals: dict[int, int] = {}  # of MAIL in a row, by delivery

    def put_back(self, job: Job) -> None:
        """Let another connection try a job that was certainly not accepted."""
        if self.halts(job):
            job.done()
        else:
            self.turns.put_back(job)

    def halts(self, job: Job) -> bool:
        """Return whether nothing more of this job may go out: stopping, paused, stopped, its range another's."""
        return job.leased.closing or self.stopping.is_set()

    def intend(self, job: Job, composed: Composed) -> asyncio.Future[bool]:
        """Ask the ledger for leave to send one final dot; a job that is denied is done."""
        return self.waves.intend(composed, job.done)

    def result(self, job: Job, outcome: Outcome) -> None:
        """Record what became of a job."""
        self.waves.result(outcome, job.done)

    def server_said(self, job: Job, outcome: Outcome) -> None:
        """Record what a server said of a job; a fifth refused by policy pauses the delivery."""
        self.result(job, outcome)
        delivery = job.leased.mailing.delivery_id
        if self._policy.count(delivery, outcome):
            job.leased.close()
            self.refused.put_nowait((delivery, policy_refusals.policy_fault(outcome)))

    async def may_connect(self) -> bool:
        """Return whether a connection may be tried now; where not (rest, or our end), wait a little first."""
        rest = _LOOK if self.stopping.is_set() else min(self.relay.rest_left(), _LOOK)
        if rest:
            await asyncio.sleep(rest)
        return not rest

    def sender_accepted(self, job: Job) -> None:
        """Forget MAIL refusals: the relay takes mail of this delivery's sender."""
        self.relay.answered()
        if self._refusals:
            self._refusals.pop(job.leased.mailing.delivery_id, None)

    def sender_refused(self, job: Job, reply: Reply, outcome: Outcome) -> None:
        """Count a 5xx to MAIL: the third in a row pauses the delivery, none costs the recipient a try.

        A single message whose sender alone is refused three times, while others pass, is bounced.
        """
        delivery = job.leased.mailing.delivery_id
        self._refusals[delivery] = self._refusals.get(delivery, 0) + 1
        job.mail_refusals += 1
        if self._refusals[delivery] >= REFUSALS_TO_PAUSE:
            job.leased.close()
            self.refused.put_nowait((delivery, policy_refusals.sender_fault(reply)))
            job.done()
        elif job.mail_refusals >= REFUSALS_TO_PAUSE:
            self.result(job, outcome)
        else:
            self.put_back(job)
