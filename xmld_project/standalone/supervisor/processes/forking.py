"""Starts processes: forked by the fork server where the kernel hands them over to us, else by executing Python."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

_PR_SET_CHILD_SUBREAPER: Final = 36  # linux/prctl.h
_PATIENCE: Final = 30.0
ROOT: Final = Path(__file__).resolve().parents[4]
_FORK_SERVER: Final = "xmld_project.standalone.supervisor.fork_server"


class Process(Protocol):
    """What is asked of a process, as subprocess.Popen answers it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code once it has ended, negative for a signal."""

    def send_signal(self, number: int) -> None:
        """Signal it."""


class Forked:
    """A process that the fork server forked and the kernel handed over."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code once it has ended, negative for a signal."""
        if self._code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._code = 1
            else:
                self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def send_signal(self, number: int) -> None:
        """Signal it unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self) -> None:
        """Return when it has ended."""
        while self.poll() is None:
            time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class ForkServer:
    """The process that parts are forked from, and the line over which it is asked."""

    process: "Forked | subprocess.Popen[bytes]"
    line: socket.socket


class Starter:
    """Starts the parts of one supervisor, all in the same environment; `server` has loaded already."""

    def __init__(self, environment: Mapping[str, str], server: ForkServer | None = None) -> None:
        self._environment = dict(environment)
        self._server = server.process if server else None
        self._line = server.line if server else None
        if self._line is not None:
            self._line.settimeout(_PATIENCE)
        self._forks = sys.platform.startswith("linux") and _become_subreaper()

    def start(self, command: Sequence[str], log: IO[bytes]) -> Process:
        """Start a module with its arguments in a session of its own, its output to the log. Raises OSError."""
        if self._forks:
            try:
                return self._fork(command, log)
            except (OSError, ValueError):  # it has ended: another one next time
                self.close()
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=self._environment,
            cwd=ROOT,
            start_new_session=True,
        )

    def close(self) -> None:
        """End the fork server."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait()
            self._server = None

    def _fork(self, command: Sequence[str], log: IO[bytes]) -> Process:
        line = self._line or self._open()
        socket.send_fds(line, [json.dumps(list(command)).encode()], [log.fileno()])
        return Forked(int(line.recv(64)))

    def _open(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_PATIENCE)
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-m", _FORK_SERVER, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env=self._environment,
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._line = ours
        if ours.recv(64) != b"loaded":
            raise ValueError("the fork server has not loaded")
        return ours


def reap_strangers(ours: set[int | None]) -> None:
    """Let go of what a part has left behind and the kernel handed to us."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid in ours:
            return
        os.waitpid(found.si_pid, os.WNOHANG)


def _become_subreaper() -> bool:
    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
