"""One connection's life, and in `_deliver` the way of one message (docs/architecture.md, Sending)."""

import asyncio
import contextlib
import time
from random import Random
from typing import Final

from deliveries.refusals import Category
from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.smtp.handshake import open_session
from deliveries.sending.smtp.protocol import WireBroken
from deliveries.sending.smtp.replies import CLOSING, Reply
from deliveries.sending.smtp.session import Refused, RelayTrouble, Session, stuffed
from deliveries.sending.worker import outcomes
from deliveries.sending.worker.dispatcher import Dispatcher
from deliveries.sending.worker.drafting import draft_of
from deliveries.sending.worker.jobs import LARGE, Job

BLOCK_PATIENCE: Final = 180.0  # RFC 5321 4.5.3.2.5
# Seconds: far below SENDER_DEAD_AFTER, when a sweeper may take the message for one in doubt.
INTENT_AGE: Final = 2.0
BRISK: Final = 1.0  # seconds from a dot to its reply, in which a next offer may wait behind it
MOST_DROPS: Final = 3  # the message itself may be what breaks the line
_GREETING: Final = 5.0  # seconds, after which another connection looks for what this one was to send
# Why a relay may refuse one connection of many, and for how many seconds that one waits then.
_ONE_TOO_MANY: Final = frozenset({"SMTP_REFUSED", "SMTP_BROKEN"})
_OWN_REST: Final = 30.0
_STOPPED: Final = "the sender was stopped before the reply to the final dot"


class DeliveryConnection:
    """Drives one connection; what it shares with the others is the dispatcher's."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._relay = dispatcher.relay
        self._session: Session | None = None
        self._next: Job | None = None  # taken while the one before it waits for its intent
        self._offered = False  # its MAIL, RCPT and DATA went out with the dot before it
        self._brisk = False
        self.unengaged = asyncio.Event()  # cleared while an intent is asked for or a dot is out
        self.unengaged.set()
        self._chance = Random()  # noqa: S311  jitter of retries

    async def run(self) -> None:
        """Serve jobs until cancelled; once the sender is stopping they are put back unsent."""
        while True:
            job = await self._take()
            try:
                await self._deliver(job)
            except (WireBroken, RelayTrouble) as error:  # before the dot: the message is certainly not accepted
                self._broke(job, error)

    async def _take(self) -> Job:
        """Return a job once there is a session for it: nobody waits behind a server that does not greet."""
        turns = self._dispatcher.turns
        while True:
            job, self._next = self._next, None
            if job is None and self._is_open:
                job = await turns.take()
            if job is None:
                await turns.some()
                await self._open()
            elif self._offered or self._is_open:
                return job
            else:  # closed by the server while we waited
                self._drop()
                self._dispatcher.put_back(job)

    @property
    def _is_open(self) -> bool:
        return self._session is not None and self._session.wire.quiet

    @property
    def _connected(self) -> Session:
        if self._session is None:
            raise WireBroken("not connected")
        return self._session

    async def _open(self) -> None:
        """Open a session, unless the relay rests or is in trouble now."""
        if not await self._dispatcher.may_connect():
            return
        self._drop()
        another = asyncio.get_running_loop().call_later(_GREETING, self._dispatcher.turns.wake_another)
        try:
            self._session = await open_session(self._relay.address)
            self._dispatcher.sessions += 1
        except RelayTrouble as trouble:
            # It takes so many connections of one client and no more: nothing is wrong with the relay.
            if self._dispatcher.sessions and trouble.code in _ONE_TOO_MANY:
                await asyncio.sleep(_OWN_REST)
            else:
                self._relay.trouble(trouble.code, trouble.why)
        finally:
            another.cancel()

    async def _deliver(self, job: Job) -> None:
        """Take a message through its steps; nothing below calls the next one, and where one says no it ends.

        Up to the intent the server must forget the message if the line is lost; only then the dot makes it real.
        """
        composed = self._compose(job)  # 1. its bytes
        if composed is None:
            return
        session = self._connected  # 2. open when the job was taken
        if self._hindered(job, composed, session):
            return
        if not await self._offer(job, composed, session):  # 3. MAIL, RCPT, DATA: 354
            return
        if not await self._send_body(job, composed, session):  # 4. all but the final dot
            return
        self.unengaged.clear()
        try:
            asked = self._dispatcher.intend(job, composed)  # 5. leave for the dot, committed with others' in a wave
            following = self._follow(session)  # meanwhile: the next one's bytes, and its MAIL, RCPT, DATA
            if await self._granted(asked, job, composed, session):
                await self._dot(job, composed, session, following)  # 6. the dot; its reply is recorded in a wave
        finally:
            self.unengaged.set()

    def _compose(self, job: Job) -> Composed | None:
        """Return the message, unless it may not go out any more or can't be composed."""
        composed = self._composed(job)
        if composed is None and self._offered:
            self._drop()  # the server waits for a body that does not come
        return composed

    def _composed(self, job: Job) -> Composed | None:
        if self._dispatcher.halts(job):
            job.done()
            return None
        draft = draft_of(job)
        if isinstance(draft, Outcome):
            self._dispatcher.result(job, draft)
            return None
        if len(draft.body) > LARGE and job.room is None:
            self._dispatcher.turns.wait_for_room(job)
            return None
        return draft

    def _hindered(self, job: Job, composed: Composed, session: Session) -> bool:
        """Bounce what this relay can't take as it is, without asking it; return whether it did."""
        obstacle = outcomes.obstacle(composed, session.size, session.offers)
        if obstacle is not None:
            self._dispatcher.result(job, outcomes.undeliverable(composed, *obstacle))
        return obstacle is not None

    async def _offer(self, job: Job, composed: Composed, session: Session) -> bool:
        try:
            if self._offered:
                self._offered = False
                await session.offered()
            else:
                await session.offer(composed.return_path, composed.to, len(composed.body))
        except Refused as refusal:
            await self._refused(job, composed, refusal, session)
            return False
        self._dispatcher.sender_accepted(job)
        return True

    async def _send_body(self, job: Job, composed: Composed, session: Session) -> bool:
        """Write the body; hang up where nothing may go out any more, as the server waits for the dot."""
        body = composed.body if composed.dotless else stuffed(composed.body)
        if not session.wire.write(body):
            await session.wire.drained(BLOCK_PATIENCE)
        if self._dispatcher.halts(job):
            self._drop()
            job.done()
            return False
        return True

    async def _granted(self, asked: asyncio.Future[bool], job: Job, composed: Composed, session: Session) -> bool:
        """Return whether the dot may go out: its intent is committed, and not so late that another took over."""
        began = time.monotonic()
        if not await asked:
            self._drop()
            return False
        late = time.monotonic() - began > INTENT_AGE
        if not late and session.wire.quiet and not self._dispatcher.stopping.is_set():
            return True
        if not session.wire.quiet:  # it spoke out of turn, or hung up: not again at once
            self._relay.trouble("SMTP_BROKEN", "the line was closed before the final dot")
        self._drop()
        why = "too late after the intent" if late else "the line was closed"
        self._dispatcher.result(job, outcomes.withdrawn(composed, f"withdrawn before the final dot: {why}"))
        return False

    def _follow(self, session: Session) -> bytes:
        """Take the next job and return its commands, empty where they can't go out with the dot.

        Only behind a server that answers within a second: what is offered waits for the reply before it.
        """
        if not (self._brisk and session.pipelines):
            return b""
        job = self._next = self._dispatcher.turns.take_waiting()
        if job is None:
            return b""
        composed = self._composed(job)
        if composed is None:
            self._next = None
            return b""
        if outcomes.obstacle(composed, session.size, session.offers) is not None:
            return b""
        return b"".join(session.commands(composed.return_path, composed.to, len(composed.body)))

    async def _dot(self, job: Job, composed: Composed, session: Session, following: bytes) -> None:
        """Send the dot and record what comes of it, whatever that is."""
        self._offered = bool(following)
        outcome: Outcome | None = None
        try:
            began = time.monotonic()
            reply = await session.dot(following)
            self._brisk = time.monotonic() - began < BRISK
            outcome = outcomes.answered(composed, reply, self._chance)
            self._note_reply(reply, outcome)
        except WireBroken as error:
            self._drop()
            self._relay.trouble("SMTP_BROKEN", f"after the final dot: {error}")
            outcome = outcomes.in_doubt(composed, f"after the final dot: {error}")
        finally:  # also when cancelled at the end of a stop: what has no reply then is in doubt
            self._dispatcher.server_said(job, outcome or outcomes.in_doubt(composed, _STOPPED))

    def _note_reply(self, reply: Reply, outcome: Outcome) -> None:
        if reply.good:
            self._relay.fine()
        # It has taken or refused this message all the same; it is the next one that it won't have.
        if reply.code == CLOSING:
            self._relay.trouble("SMTP_421", reply.text)
        if reply.code == CLOSING or outcome.status == "in_doubt":
            self._drop()

    async def _refused(self, job: Job, composed: Composed, refusal: Refused, session: Session) -> None:
        outcome = outcomes.refused(composed, refusal.phase, refusal.reply, self._chance)
        # A refused sender is not the person's fault: it pauses the delivery, and bounces nobody. A message that is
        # too large is that one's own, and says nothing of the sender.
        if refusal.phase == "mail" and outcome.status == "bounced" and outcome.category != Category.TOO_LARGE:
            self._dispatcher.sender_refused(job, refusal.reply, outcome)
        else:
            self._dispatcher.server_said(job, outcome)
        with contextlib.suppress(WireBroken):  # the next job finds the line broken and opens another
            await session.forget()

    def _broke(self, job: Job, error: WireBroken | RelayTrouble) -> None:
        self._drop()
        code = error.code if isinstance(error, RelayTrouble) else "SMTP_BROKEN"
        self._relay.trouble(code, str(error))
        job.drops += 1
        if job.drops >= MOST_DROPS and isinstance(job.draft, Composed):
            why = f"the connection broke {job.drops} times before the final dot: {error}"
            self._dispatcher.result(job, outcomes.dropped(job.draft, why, self._chance))
        else:
            self._dispatcher.put_back(job)

    def _drop(self) -> None:
        if self._session is not None:
            self._dispatcher.sessions -= 1
            self._session.wire.drop()
            self._session = None
        self._offered = False

    async def quit(self) -> None:
        """End the connection politely."""
        if self._session is not None and not self._session.wire.broken:
            await self._session.quit()
