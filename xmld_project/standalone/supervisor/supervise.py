"""The supervisor's loop: starts the parts, starts again what ended, ends them all in the right order."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

import structlog
from django.db import Error as DatabaseError

from xmld_project.environment import Environment
from xmld_project.standalone import run_file
from xmld_project.standalone.places import Places
from xmld_project.standalone.postgres.available import DatabaseFault, EmbeddedDatabase
from xmld_project.standalone.service_user import ServiceUser
from xmld_project.standalone.supervisor import announcements, heartbeats, parts, probes
from xmld_project.standalone.supervisor.announcements import Running
from xmld_project.standalone.supervisor.processes import child_logs, forking
from xmld_project.standalone.supervisor.processes.backing_off import BackOff
from xmld_project.standalone.supervisor.processes.child import Child
from xmld_project.standalone.supervisor.processes.stopping import stop_all

_TICK: Final = 0.2
_LOOK: Final = 1.0
_ASK: Final = 0.4
_WATCH: Final = 5.0


@dataclass(frozen=True, slots=True)
class SupervisorContext:
    """What the supervisor was given: environment, places, service user, ports by variable, the database."""

    given: Environment
    places: Places
    user: ServiceUser | None
    ports: dict[str, int]
    database: EmbeddedDatabase | None
    running: Running
    forks: forking.ForkServer | None


class Supervisor:
    """Watches the children of one state folder. `say` prints a line for the person at the console."""

    def __init__(self, context: SupervisorContext, say: Callable[[str], object]) -> None:
        self._context = context
        self._say = say
        self._starter = forking.Starter(parts.shared_environment(context.places, context.ports), context.forks)
        self._children = parts.children(context.given, context.places, context.ports, self._starter)
        self._logs = child_logs.LogWatch(
            [*(child.log for child in self._children), context.places.logs / "postgres.log"], self._complain
        )
        self._stop = threading.Event()
        self._hurry = threading.Event()
        self._written: dict[str, Any] = {}
        self._database_pause = BackOff()
        self._trouble = ""
        self._next: dict[str, float] = {}
        self._messages = announcements.StartupMessages(
            context.running, context.places, context.user, context.ports, say
        )

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C; a second one doesn't wait for anybody."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        try:
            while not self._stop.is_set():
                self._tick()
                self._stop.wait(_TICK)
        finally:
            stop_all(self._children, self._context.given.stop_seconds, self._hurry)
            self._starter.close()
            self._context.places.run_file.unlink(missing_ok=True)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    def _complain(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def _every(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        now = time.monotonic()
        if now >= self._next.get(name, 0.0):
            self._next[name] = now + seconds
            action()

    def _tick(self) -> None:
        """One look at everything; a full disk or a database that is away is said once and looked at again."""
        try:
            self._keep_the_database()
            for child in self._children:
                self._keep(child)
            # Grandchildren that outlived their parent are given to us by the kernel.
            forking.reap_strangers({child.pid for child in self._children})
            self._every("logs", _LOOK, self._logs.look)
            self._every("cluster", _WATCH, self._replace_a_hanging_cluster)
            self._every("answers", _ASK, self._ask_the_started)
            self._write_run_file()  # before "ready" is said: whoever reads that line reads the file next
            self._messages.go_on(self._all_answer)
            self._trouble = ""
        except OSError as error:
            self._say_once(f"the state folder {self._context.places.state}: {error.strerror}; trying again")
        except DatabaseError as error:
            self._say_once(f"the database doesn't answer: {str(error).strip().splitlines()[0]}; trying again")

    def _say_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._complain(trouble)

    def _keep_the_database(self) -> None:
        database = self._context.database
        if database is None or not self._database_pause.due:
            return
        if database.pid is None:
            self._start_again(database, "PostgreSQL ended")
        else:
            self._every("database", _WATCH, lambda: self._look_at_the_database(database))

    def _look_at_the_database(self, database: EmbeddedDatabase) -> None:
        if database.is_stuck():
            self._start_again(database, "PostgreSQL takes no connections and recovers nothing")

    def _start_again(self, database: EmbeddedDatabase, why: str) -> None:
        self._complain(f"{why}: started again")
        try:
            database.ensure_running()
        except DatabaseFault as fault:
            pause = self._database_pause.put_off()
            self._complain(f"{fault}; tried again in {pause:.1f} s")

    def _keep(self, child: Child) -> None:
        pid, code = child.pid, child.ended()
        if code is not None:
            heartbeats.forget(child.name, pid)
            pause = child.put_off()
            # Killed from outside it had no time to say why.
            why = child_logs.last_line(child.log) if code > 0 else ""
            how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
            self._complain(f"{child.name} {how}{f' ({why})' if why else ''}: started again in {pause:.1f} s")
        if child.due:
            child.start()

    def _replace_a_hanging_cluster(self) -> None:
        for child in self._children:
            silent = child.name == "cluster" and child.pid and child.age > heartbeats.SILENT.total_seconds()
            if silent and child.pid and heartbeats.cluster_hangs(child.pid):
                structlog.get_logger(__name__).error("the cluster hangs: its whole group is replaced")
                # Not SIGTERM: what hangs in a call hears nothing, and its children hold the tasks.
                child.tell_group(signal.SIGKILL)

    def _write_run_file(self) -> None:
        """Write who runs where, whenever that has changed; a part is named once it answers."""
        context = self._context
        pids = {child.name: child.pid if child.answers else None for child in self._children}
        postgres = context.database.pid if context.database else None
        content = context.running.run_file(context.ports, pids, postgres)
        if content != self._written:
            run_file.write(context.places.run_file, content)
            self._written = content

    def _ask_the_started(self) -> None:
        """Note which parts answer since they were started: by their port, or by their row in the database."""
        for child in self._children:
            if child.pid is not None and not child.answers:
                child.answers = self._answers(child.name, child.pid)

    def _answers(self, name: str, pid: int) -> bool:
        ports = self._context.ports
        match name:
            case "catcher":
                return probes.greets(ports[parts.CATCHER], b"220")
            case "sftp":
                return probes.greets(ports[parts.SFTP], b"SSH-")
            case "web":
                return probes.web(ports[parts.WEB])
            case _:
                return heartbeats.all_of([(name.split("-", maxsplit=1)[0], pid)])

    def _all_answer(self) -> bool:
        """Return whether every part runs and has answered since it was started."""
        return all(child.pid is not None and child.answers for child in self._children)
