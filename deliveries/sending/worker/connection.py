"""One connection's life: take a job, bring it to the final dot, ask leave, send the dot, tell what came."""

import asyncio
import contextlib
import logging
import time
from random import Random
from typing import Final

from deliveries.errors import ClientError
from deliveries.sending.ledger.commit import Intent, Result
from deliveries.sending.smtp.handshake import open_session
from deliveries.sending.smtp.protocol import WireBroken
from deliveries.sending.smtp.replies import CLOSING, Reply
from deliveries.sending.smtp.session import Refused, RelayTrouble, Session, stuffed
from deliveries.sending.worker import outcomes
from deliveries.sending.worker.dispatcher import Dispatcher
from deliveries.sending.worker.drafting import draft
from deliveries.sending.worker.jobs import Draft, Job

_log: Final = logging.getLogger(__name__)
BLOCK_PATIENCE: Final = 180.0  # RFC 5321 4.5.3.2.5
INTENT_AGE: Final = 2.0
BRISK: Final = 1.0
MOST_DROPS: Final = 3


class DeliveryConnection:
    """Drives one connection; what it shares with the others stands in the office."""

    def __init__(self, office: Dispatcher) -> None:
        self._office = office
        self._session: Session | None = None
        self._next: Job | None = None  # taken while the one before it waits for its intent
        self._offered = False  # its MAIL, RCPT and DATA went out with the dot before it
        self._brisk = False
        self.home = asyncio.Event()  # cleared while an intent is asked for or a dot is out
        self.home.set()
        self._chance = Random()  # noqa: S311  jitter of retries

    async def run(self) -> None:
        """Serve jobs until cancelled; once the office is stopping they are put back unsent."""
        while True:
            job, self._next = self._next or await self._office.take(), None
            try:
                await self._serve(job)
            except (WireBroken, RelayTrouble) as error:  # before the dot: the message is certainly not accepted
                self._broke(job, error)

    async def part(self) -> None:
        """End the connection politely."""
        if self._session is not None and not self._session.wire.broken:
            await self._session.quit()

    async def _serve(self, job: Job) -> None:
        written = self._written(job)
        if written is None:
            if self._offered:
                self._drop()
            return
        session = await self._connected(job)
        if session is None:
            job.done()
            return
        obstacle = outcomes.obstacle(written, session.size, session.offers)
        if obstacle is not None:
            self._office.result(job, outcomes.undeliverable(written, *obstacle))
            return
        try:
            await self._offer(written, session)
        except Refused as refusal:
            await self._refused(job, written, refusal, session)
            return
        self._office.sender_accepted(job)
        await session.wire.send(stuffed(written.body), BLOCK_PATIENCE)
        if self._office.halts(job):
            self._drop()
            job.done()
            return
        self.home.clear()
        try:
            await self._beyond(job, written, session)
        finally:
            self.home.set()

    async def _offer(self, written: Draft, session: Session) -> None:
        if self._offered:
            self._offered = False
            await session.offered()
        else:
            await session.offer(written.sender, written.to, len(written.body))

    def _written(self, job: Job) -> Draft | None:
        if self._office.halts(job):
            job.done()
            return None
        if job.draft is None:
            try:
                made = draft(job)
            except ClientError as error:
                made = outcomes.faulty(job.row.id, job.row.attempt, f"{error.code}: {error.message}")
            except MemoryError:  # it is the process that can't go on: another sends this message
                raise
            except Exception as error:  # noqa: BLE001  one message must not end a process that sends for everybody
                _log.exception("MSG_INTERNAL: message %s can't be composed", job.row.id)
                made = outcomes.faulty(
                    job.row.id, job.row.attempt, f"MSG_INTERNAL: {type(error).__name__} in composing"
                )
            if isinstance(made, Result):
                self._office.result(job, made)
                return None
            job.draft = made
        return job.draft

    async def _connected(self, job: Job) -> Session | None:
        """Return a session that stands, waiting while the relay rests; None when the job may not go out."""
        while not self._office.halts(job):
            if self._session is not None and (self._session.wire.quiet or self._offered):
                return self._session
            if await self._office.relay_rests():
                continue
            try:
                self._session = await open_session(self._office.relay.address)
            except RelayTrouble as trouble:
                self._office.relay.trouble(trouble.code, trouble.why)
        return None

    async def _beyond(self, job: Job, written: Draft, session: Session) -> None:
        """Ask for the intent, then send the dot; from the dot on every end is told to the ledger."""
        asked = time.monotonic()
        intent = Intent(
            written.message_id,
            written.attempt,
            written.fingerprint,
            written.sha256,
            written.composed_at,
            written.body,
            written.keep,
            written.emptied,
        )
        following = self._follow(session)  # composed while the intent is committed
        granted = await self._office.intend(job, intent)
        if not granted:
            self._drop()
            return
        late = time.monotonic() - asked > INTENT_AGE
        if late or self._office.stopping.is_set() or not session.wire.quiet:
            if not session.wire.quiet:  # it spoke out of turn, or hung up: not again at once
                self._office.relay.trouble("SMTP_BROKEN", "the line was closed before the final dot")
            self._drop()
            why = "withdrawn before the final dot: " + (
                "too late after the intent" if late else "the line was closed"
            )
            self._office.result(job, outcomes.withdrawn(intent, why))
            return
        self._offered = bool(following)
        await self._dot(job, written, session, following)

    def _follow(self, session: Session) -> bytes:
        """Take the next job and return its commands, empty where they can't go out with the dot.

        Only behind a server that answers within a second: what is offered waits for the reply before it.
        """
        if not (session.pipelines and self._brisk):
            return b""
        job = self._next = self._office.take_waiting()
        if job is None:
            return b""
        written = self._written(job)
        if written is None:
            self._next = None
            return b""
        if outcomes.obstacle(written, session.size, session.offers) is not None:
            return b""
        return b"".join(session.commands(written.sender, written.to, len(written.body)))

    async def _dot(self, job: Job, written: Draft, session: Session, following: bytes) -> None:
        result = outcomes.in_doubt(written, "the sender was stopped before the reply to the final dot")
        try:
            began = time.monotonic()
            reply = await session.dot(following)
            self._brisk = time.monotonic() - began < BRISK
            result = outcomes.answered(written, reply, self._chance)
            self._heard(reply, result)
        except WireBroken as error:
            self._drop()
            self._office.relay.trouble("SMTP_BROKEN", f"after the final dot: {error}")
            result = outcomes.in_doubt(written, f"after the final dot: {error}")
        finally:  # also when cancelled at the end of a stop: what has no reply then is in doubt
            self._office.heard(job, result)

    def _heard(self, reply: Reply, result: Result) -> None:
        if reply.good:
            self._office.relay.fine()
        if reply.code == CLOSING:
            self._office.relay.trouble("SMTP_421", reply.text)
        if reply.code == CLOSING or result.status == "in_doubt":
            self._drop()

    async def _refused(self, job: Job, written: Draft, refusal: Refused, session: Session) -> None:
        result = outcomes.refused(written, refusal.phase, refusal.reply, self._chance)
        if refusal.phase == "mail" and result.status == "bounced" and result.category != 5:  # noqa: PLR2004  too large
            self._office.sender_refused(job, refusal.reply, result)
        else:
            self._office.heard(job, result)
        with contextlib.suppress(WireBroken):
            await session.forget()

    def _broke(self, job: Job, error: WireBroken | RelayTrouble) -> None:
        self._drop()
        code = error.code if isinstance(error, RelayTrouble) else "SMTP_BROKEN"
        self._office.relay.trouble(code, str(error))
        job.drops += 1
        if job.drops >= MOST_DROPS and job.draft is not None:
            why = f"the connection broke {job.drops} times before the final dot: {error}"
            self._office.result(job, outcomes.dropped(job.draft, why, self._chance))
        else:
            self._office.put_back(job)

    def _drop(self) -> None:
        if self._session is not None:
            self._session.wire.drop()
            self._session = None
        self._offered = False
