"""One embedded PostgreSQL server: started, adopted when it already runs, started anew when stuck, stopped."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

import psutil
import psycopg

from xmld_project.secret_files import made_once
from xmld_project.standalone.places import Places
from xmld_project.standalone.postgres import files, patience, processes, roles
from xmld_project.standalone.postgres import programs as postgres_programs
from xmld_project.standalone.postgres.programs import DatabaseFault
from xmld_project.standalone.service_user import ServiceUser

_FAST_STOP: Final = 60.0  # sessions are ended and everything is written down
_IMMEDIATE_STOP: Final = 10.0  # nothing is: the next start recovers
_LOOK: Final = 2
_START: Final = 5
_SAY_AFTER: Final = 10.0


class Server:
    """The server of one state folder. Its calls are made under the start lock (available.py)."""

    def __init__(self, places: Places, user: ServiceUser | None, url: str, owner_url: str) -> None:
        self._places = places
        self._user = user
        self._url = url
        self._owner_url = owner_url
        self._child: subprocess.Popen[bytes] | None = None
        self._patience = patience.Patience()

    @property
    def _process(self) -> psutil.Process | None:
        return processes.postmaster(self._places.data)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        process = self._process
        return process.pid if process else None

    def is_stuck(self) -> bool:
        """Ask once whether it takes connections; True when it has not for too long."""
        refusal = self._ask(_LOOK)
        return refusal is not None and self._patience.ended_by(refusal, self._process)

    def ensure(self) -> None:
        """Return when the server answers: the one that runs, or a new one. Raises DatabaseFault."""
        if self.pid is not None and self._answers():
            self._give_up_superuser()
            return
        self._stop_at_once()
        self._start()
        if not self._answers():
            raise DatabaseFault(f"PostgreSQL did not start: {_last_complaint(self._places.logs / 'postgres.log')}")
        self._give_up_superuser()

    def _stop_at_once(self) -> None:
        """Stop it as it is: what was not written yet is recovered at the next start."""
        process = self._process
        if process is None:
            return
        try:
            process.send_signal(signal.SIGQUIT)
            process.wait(_IMMEDIATE_STOP)
        except psutil.TimeoutExpired:
            processes.end(process, grace=0.0)
        except psutil.NoSuchProcess:
            pass
        self.reap()

    def _start(self) -> None:
        places = self._places
        self._patience.begin_anew()
        programs = postgres_programs.binaries(places, copied=self._user is not None)
        files.prepare_data(places, programs, self._user)
        processes.end_orphans(places.data)
        # Nobody works on the data, so these name a process that is gone, or a number that is somebody else's now.
        (places.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (places.socket / name).unlink(missing_ok=True)
        places.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (places.logs / "postgres.log").open("ab") as log:
            self._child = subprocess.Popen(
                [programs / "postgres", "-D", places.data],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                # Nothing of ours: no password is in the environment of a process that many may look at.
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                umask=0o077,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops the server last
                **(self._user.identity() if self._user else {}),
            )

    def _answers(self) -> bool:
        """Wait as long as a recovery takes until it answers (True), has ended or is stuck (False)."""
        began = time.monotonic()
        said = False
        while (refusal := self._refusal()) is not None:
            self.reap()
            if (self._child is None and self.pid is None) or self._patience.ended_by(refusal, self._process):
                return False
            if not said and time.monotonic() - began > _SAY_AFTER:
                said = True
                sys.stderr.write("PostgreSQL is recovering what was not written yet: this can take a while\n")
            threading.Event().wait(0.05)
        return True

    def _refusal(self) -> psycopg.OperationalError | None:
        """Return why it takes no connection, None when it does; on a new server role and database are made."""
        refusal = self._ask(_START)
        # A server that is new, or was made by a release with other roles, is not refused for good.
        if not any(word in str(refusal) for word in ("password authentication failed", "does not exist")):
            return refusal
        try:
            roles.prepare(self._owner_url, self._password("database_password"))
        except psycopg.OperationalError as error:
            raise DatabaseFault(
                f"PostgreSQL refuses the password in {self._places.secrets}: restore that folder"
            ) from error
        return self._ask(_START)

    def _give_up_superuser(self) -> None:
        passwords = self._password("database_owner_password"), self._password("database_password")
        try:
            if roles.give_up_superuser(self._url, self._owner_url, *passwords):
                sys.stderr.write("the product's database role is not a superuser any more\n")
        except psycopg.Error as error:
            raise DatabaseFault(f"the database's roles can't be put right: {str(error).splitlines()[0]}") from error

    def _password(self, name: str) -> str:
        return made_once(self._places.secrets / name, 24)

    def _ask(self, seconds: int) -> psycopg.OperationalError | None:
        try:
            psycopg.connect(self._url, connect_timeout=seconds).close()
        except psycopg.OperationalError as error:
            return error
        self._patience.begin_anew()
        return None

    def reap(self) -> None:
        """Take note of a server of ours that ended, so that no zombie is left."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def stop(self) -> None:
        """Stop the server: sessions are ended, everything is written; one that recovers has nothing to write."""
        refusal, process = self._ask(_LOOK), self._process
        if process is None:
            return
        if patience.is_recovering(refusal):
            self._stop_at_once()
            return
        try:
            process.send_signal(signal.SIGINT)
            process.wait(_FAST_STOP)
        except psutil.TimeoutExpired:
            processes.end(process)
        except psutil.NoSuchProcess:
            pass
        self.reap()


def _last_complaint(log: Path) -> str:
    """Return the last FATAL or PANIC of the log without its time, or where to look."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-50:]
    except OSError:
        lines = []
    complaints = [line for line in lines if "FATAL" in line or "PANIC" in line or "could not" in line]
    return complaints[-1].split("] ", 1)[-1] if complaints else f"see {log}"
