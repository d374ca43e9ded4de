"""Where the parts are forked from: one process that has loaded the code, so that all of them share its memory.

The supervisor forks it from itself, or executes another if that one has ended. It asks over a socket, a command and
its log a time; each part is handed over to the supervisor as its own child.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
from typing import Final

import django
from django.conf import settings
from django.core import checks
from django.utils import translation

from xmld_project import command_line
from xmld_project.standalone import parent
from xmld_project.standalone.supervisor.processes.forking import ROOT, Forked, ForkServer

# What several parts run by. Nothing here may start a thread: a fork would take none of them along.
_SHARED: Final = (
    "asyncssh",
    "django.core.handlers.wsgi",
    "django_q.cluster",
    "deliveries.clock",
    "deliveries.sending.worker.main",
    "deliveries.tasks",
    "granian",
    "uvloop",
    "xmld_project.urls",
    "xmld_project.standalone.mail_catcher.process",
    "xmld_project.standalone.sftp_server.process",
    "xmld_project.web.answering",
)
_LARGEST: Final = 65_536  # bytes of one request: a command, its environment
_HAND_OVER: Final = 5.0


def load() -> None:
    """Load the code, and keep the collector from touching (and so copying) what is shared."""
    gc.disable()  # what it freed between would leave holes that each part fills, and so copies
    django.setup()
    for name in _SHARED:
        importlib.import_module(name)
    _fill_caches()
    gc.freeze()
    gc.enable()


def _fill_caches() -> None:
    """Do what each part would do for itself: the models' caches, the addresses, the catalogues."""
    checks.run_checks()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Yes")


def begin() -> ForkServer | None:
    """Load, and fork the fork server from this process, so that both share it all; None where parts are executed.

    Nothing may be held yet: the fork would hold it too.
    """
    if not sys.platform.startswith("linux"):
        return None
    load()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid:
        theirs.close()
        return ForkServer(Forked(pid), ours)
    ours.close()
    os.setsid()
    os.chdir(ROOT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    parent.end_with_supervisor()
    serve(theirs)
    sys.exit(0)


def serve(line: socket.socket) -> None:
    """Fork a part for each request until the supervisor has gone."""
    while True:
        raw, descriptors, _flags, _sender = socket.recv_fds(line, _LARGEST, 1)
        if not raw:
            return
        reading, writing = os.pipe()
        between = os.fork()
        if between == 0:
            _fork_again(writing, json.loads(raw), descriptors[0])
        os.close(writing)
        os.waitpid(between, 0)  # from here on the part is the supervisor's child
        with os.fdopen(reading, "rb") as pipe:
            line.send(pipe.read())
        os.close(descriptors[0])


def _fork_again(pid_to: int, command: list[str], log: int) -> None:
    """End as soon as the part is there: without a parent it becomes the supervisor's (a subreaper's) child."""
    pid = os.fork()
    if pid:
        os.write(pid_to, str(pid).encode())
        os._exit(0)
    os.closerange(3, log)  # the supervisor's line among them
    os.closerange(log + 1, max(pid_to, log) + 1)
    os.setsid()
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.close(log)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
    _wait_for_the_supervisor()
    sys.exit(_run(command))  # not at once: what the part has registered for its end is still to be done


def _wait_for_the_supervisor() -> None:
    """Return once the supervisor is our parent: until then its death would not end us."""
    deadline = time.monotonic() + _HAND_OVER
    while str(os.getppid()) != os.environ[parent.SUPERVISOR] and time.monotonic() < deadline:
        time.sleep(0.001)


def _run(command: list[str]) -> int:
    """Run a part's module with its arguments in this process and return the exit code."""
    sys.argv = command
    if command[0] == "xmld_project":
        return command_line.main(command)
    return int(importlib.import_module(command[0]).main(command[1:]))


def main(arguments: list[str]) -> int:
    """Load, say so, and fork what is asked for."""
    parent.end_with_supervisor()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xmld_project.settings")
    line = socket.socket(fileno=int(arguments[0]))
    load()
    line.send(b"loaded")
    serve(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
