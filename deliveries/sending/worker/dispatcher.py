"""What the couriers of one sender share: the queue of jobs, the ledger's waves, the relay and its moods."""

import asyncio
from typing import Final

from deliveries.sending.ledger.commit import Intent, Result
from deliveries.sending.smtp.backoff import Relay
from deliveries.sending.smtp.replies import Reply
from deliveries.sending.worker import policy_refusals
from deliveries.sending.worker.group_commit import Waves
from deliveries.sending.worker.jobs import Job

REFUSALS_TO_PAUSE: Final = 3
_LOOK: Final = 0.5  # pause and stop are looked for this often while the relay rests


class Dispatcher:
    """`stopping` is set by SIGTERM; `refusals` counts the MAIL refusals in a row of each delivery."""

    def __init__(self, waves: Waves, relay: Relay, connections: int, stopping: asyncio.Event | None = None) -> None:
        self.waves = waves
        self.relay = relay
        self.stopping = stopping or asyncio.Event()
        self.refused: asyncio.Queue[tuple[int, str]] = asyncio.Queue()  # deliveries to pause, and why
        self._policy = policy_refusals.PolicyRefusals()
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(maxsize=2 * connections)
        self._again: list[Job] = []
        self._refusals: dict[int, int] = {}

    async def hand_out(self, job: Job) -> None:
        """Give a job to the couriers, waiting while they have enough."""
        job.shelf.out += 1
        await self._jobs.put(job)

    async def take(self) -> Job:
        """Return the next job; those put back come first."""
        return self._again.pop() if self._again else await self._jobs.get()

    def take_waiting(self) -> Job | None:
        """Return the next job if there is one at once."""
        if self._again:
            return self._again.pop()
        return None if self._jobs.empty() else self._jobs.get_nowait()

    def put_back(self, job: Job) -> None:
        """Let another connection try a job that was certainly not accepted."""
        if self.halts(job):
            job.done()
        else:
            self._again.append(job)

    def halts(self, job: Job) -> bool:
        """Say whether nothing more of this job may go out: stopping, paused, stopped, or the range is another's."""
        return self.stopping.is_set() or job.shelf.closing

    async def intend(self, job: Job, intent: Intent) -> bool:
        """Ask the ledger for leave to send one final dot; a job that is denied is done."""
        return await self.waves.intend(intent, job.done)

    def result(self, job: Job, result: Result) -> None:
        """Hand in what became of a job."""
        self.waves.result(result, job.done)

    def heard(self, job: Job, result: Result) -> None:
        """Hand in what a server said of a job; a fifth refused by policy pauses the delivery."""
        self.result(job, result)
        delivery = job.shelf.leased.delivery_id
        if self._policy.count(delivery, result):
            job.shelf.closing = True
            self.refused.put_nowait((delivery, policy_refusals.policy_sentence(result)))

    async def relay_rests(self) -> bool:
        """Wait a little if the relay rests; say whether it did."""
        left = self.relay.rest_left()
        if left:
            await asyncio.sleep(min(left, _LOOK))
        return left > 0

    def sender_accepted(self, job: Job) -> None:
        """Forget MAIL refusals: the relay takes mail of this delivery's sender."""
        self._refusals.pop(job.shelf.leased.delivery_id, None)

    def sender_refused(self, job: Job, reply: Reply, result: Result) -> None:
        """Count a 5xx to MAIL: the third in a row pauses the delivery, none costs the recipient a try.

        A single message whose sender alone is refused three times, while others pass, is bounced.
        """
        delivery = job.shelf.leased.delivery_id
        self._refusals[delivery] = self._refusals.get(delivery, 0) + 1
        job.mail_refusals += 1
        if self._refusals[delivery] >= REFUSALS_TO_PAUSE:
            job.shelf.closing = True
            self.refused.put_nowait((delivery, policy_refusals.sender_sentence(reply)))
            job.done()
        elif job.mail_refusals >= REFUSALS_TO_PAUSE:
            self.result(job, result)
        else:
            self.put_back(job)
