"""Senders under a server that misbehaves, killed again and again; then each recipient is checked."""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from deliveries import conf
from deliveries.models import Message, SendingRange, Worker
from deliveries.sending.ledger import sweeper
from deliveries.sending.lifecycle import control
from deliveries.statistics.reconcile import reconcile
from deliveries.tracking.classifier.reclassify import reclassify
from recipients import suppressions
from recipients.models import Reason
from tests.sending.conftest import Senders, make_going
from tests.sending.smtp_server import Answer, Drop, SmtpServer
from tests.waiting import wait_for

SENDERS = 2
OPEN = ["pending", "sending", "deferred"]


def insisting(question):
    """Ask the database until it answers: it is killed too."""
    answers = []

    def answered():
        try:
            answers.append(question())
        except (DatabaseError, InterfaceError):
            connection.close()
        return bool(answers)

    wait_for(answered, "the database", 60)
    return answers[0]


class Misbehaving:
    """The server's part: refusals in each phase, lines dropped on either side of the dot, stalls."""

    def __init__(self, chance: random.Random):
        self._chance = chance
        self._lock = threading.Lock()
        self.calm = False
        self.did: Counter = Counter()

    def __call__(self, phase: str, _context: dict) -> Answer:
        with self._lock:
            dice = self._chance.random()
            kind = None if self.calm else self._kind(phase, dice)
            if kind is not None:
                self.did[kind] += 1
        if kind is None:
            return None
        if kind.startswith("drop"):
            return Drop(accepted=kind == "drop after the dot, accepted")
        if kind == "stall":
            threading.Event().wait(0.3)
            return None
        return "450 4.2.0 later" if kind.startswith("4xx") else "550 5.1.1 no such user"

    def _kind(self, phase: str, dice: float) -> str | None:
        if phase in {"rcpt", "data", "dot"} and dice < 0.01:
            return f"4xx at {phase}"
        if phase in {"rcpt", "dot"} and dice < 0.014:
            return f"5xx at {phase}"
        if phase == "body" and dice < 0.004:
            return "drop before the dot"
        if phase == "dot" and 0.02 < dice < 0.028:
            return "drop after the dot, accepted" if dice < 0.024 else "drop after the dot, not accepted"
        return "stall" if phase == "dot" and 0.03 < dice < 0.032 else None


@dataclass
class Chaos:
    """`kills` are SIGKILLs of senders; `crash` stops the database at once, where it is ours alone."""

    shop: object
    smtp: SmtpServer
    senders: Senders
    seed: int
    people: int
    kills: int
    crash: object = None
    patience: float = 240.0
    did: Counter = field(default_factory=Counter)

    def live_through(self) -> str:
        """Let it happen and check; returns the table of what was done."""
        self._chance = random.Random(f"senders {self.seed}")
        self._server = self.smtp.script = Misbehaving(random.Random(f"server {self.seed}"))
        self._prepare()
        began = time.monotonic()
        running = [self._start() for _ in range(SENDERS)]
        for number in range(self.kills):
            if not insisting(self._open):
                break
            self._wait_for_progress()
            victim = running.pop(self._chance.randrange(len(running)))
            self._kill(victim)
            if number % 7 == 3:
                self._trouble_the_database()
            running.append(self._start())
        self._server.calm = True
        self._finish(running)
        self.seconds = time.monotonic() - began
        faults = self._faults()
        table = self._table(faults)
        assert not faults, table
        return table

    def _prepare(self):
        self.main = make_going(self.shop, self.people, width=500)
        stopped = [f"s{n}@stop.example" for n in range(200)]
        self.stopped = make_going(self.shop, stopped, width=100)
        self.suppressed = [f"p{n}@to.example" for n in range(0, self.people, 97)]
        for address in self.suppressed:  # after the freeze, before anything went out
            suppressions.suppress(self.shop.account, address, Reason.BY_HAND)

    def _open(self) -> int:
        return Message.objects.filter(delivery=self.main, status__in=OPEN).count()

    def _start(self) -> subprocess.Popen:
        return self.senders.start()

    def _wait_for_progress(self):
        goal = len(self.smtp.accepted) + self._chance.randint(1, max(2, self.people // (self.kills + 1)))
        with contextlib.suppress(AssertionError):  # both may be backing off from the server
            wait_for(lambda: len(self.smtp.accepted) >= goal, "some progress", 8)
        if self.did["kills"] == 2:
            with contextlib.suppress(Exception):
                control.stop(self.stopped.pk)
        self._hurry()

    def _kill(self, process: subprocess.Popen):
        self.senders.kill(process)
        self.did["kills"] += 1

        def bury():  # a minute passes for the sweeper, but only for the dead one
            long_ago = timezone.now() - conf.SENDER_DEAD_AFTER * 2
            Worker.objects.filter(kind="sender", pid=process.pid, ended_at=None).update(heartbeat_at=long_ago)
            sweeper.sweep()

        insisting(bury)

    def _trouble_the_database(self):
        if self.crash is not None and self._chance.random() < 0.5:
            self.crash()
            self.did["crashes of PostgreSQL"] += 1
            return
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(f"{others} AND pid <> pg_backend_pid()")
        self.did["sessions cut"] += 1

    def _hurry(self):
        """Let retries be due now, and rests in doubt stay what they are."""

        def due():
            Message.objects.filter(status="deferred").update(not_before=timezone.now())
            SendingRange.objects.filter(owner=None).update(due_at=timezone.now())

        insisting(due)

    def _finish(self, running):
        def over():
            self._hurry()
            return not insisting(self._open) and not insisting(SendingRange.objects.exists)

        try:
            wait_for(over, "the end", self.patience)
        except AssertionError:
            self.did["waited in vain for the end"] += 1
        for process in list(running):
            if process.poll() is None:
                self.senders.stop(process)
        insisting(sweeper.sweep)

    def _faults(self) -> list[str]:
        """Return what is wrong with whom; nobody's case depends on another's."""
        copies = self.smtp.copies()
        told = dict(Message.objects.values_list("address", "status"))
        faults = [f"{to} got {number} copies" for to, number in copies.items() if number > 1]
        faults += [f"{to} was never ours to write to" for to in copies if to not in told]
        for to, status in told.items():
            if status == "delivered" and not copies[to]:
                faults.append(f"{to} is called delivered and has nothing")
            if status in {"bounced", "expired", "cancelled", "blacklist"} and copies[to]:
                faults.append(f"{to} is called {status} and has a copy")
            if status in {*OPEN, "error"}:
                faults.append(f"{to} is still {status}")
        faults += [f"{to} is on the blacklist and was written to" for to in self.suppressed if copies[to]]
        self.told = Counter(told.values())
        forced = sum(number for kind, number in self._server.did.items() if kind.startswith("drop after"))
        self.most_doubts = forced + self.did["kills"] * conf.connections()
        if self.told["in_doubt"] > self.most_doubts:
            faults.append(f"{self.told['in_doubt']} are in doubt, {self.most_doubts} can be")
        faults += [difference["difference"] for difference in reconcile(reclassify)["differences"]]
        return faults

    def _table(self, faults: list[str]) -> str:
        lines = [("seed", self.seed), ("messages", sum(self.told.values())), ("seconds", round(self.seconds))]
        lines += sorted(self.did.items()) + sorted(self._server.did.items())
        lines += [(f"ended {status}", number) for status, number in sorted(self.told.items())]
        lines += [("may be in doubt at most", self.most_doubts), ("copies accepted", len(self.smtp.accepted))]
        lines += [("most copies of one", max(self.smtp.copies().values(), default=0)), ("faults", len(faults))]
        shown = "\n".join(f"{what:<36} {number:>9}" for what, number in lines)
        return "\n".join([shown, *faults[:20]])


def crash_of(embedded):
    """Return how PostgreSQL is stopped without a word and started again."""

    def crash():
        pid = embedded.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        connection.close()
        wait_for(lambda: embedded.pid != pid, "the end of PostgreSQL", 30)
        embedded.ensure_running()

    return crash
