"""Before the supervisor: what an earlier start left is ended, the ports are chosen, and every process is told so.

The choice must be in the environment before the settings are read, and the mark by which an orphan is found must be
there when a process is executed. So `runall` executes itself once more, and all parts are forked from that process.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Final

from xmld_project.environment import Environment
from xmld_project.standalone import locks, parent, places, ports, service_user
from xmld_project.standalone.places import Places
from xmld_project.standalone.supervisor import parts
from xmld_project.standalone.supervisor.processes import orphans

_ORPHANS_GRACE: Final = 10.0  # seconds: nobody may wait longer for a start


class StartFault(Exception):
    """The product can't be started; the text is the one line for the operator."""


@contextlib.contextmanager
def alone(kept: Places) -> Iterator[None]:
    """Keep a second supervisor of the same state folder out."""
    try:
        kept.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = locks.try_exclusive(kept.state / "runall.lock")
    except OSError as error:
        raise StartFault(f"XMLD_STATE_DIR={kept.state}: {error.strerror}") from error
    if lock is None:
        raise StartFault(f"it runs already on {kept.state}: stop that one, or give another XMLD_STATE_DIR")
    try:
        yield
    finally:
        os.close(lock)


def settle(given: Environment) -> None:
    """Execute this command again with all settled, in the same process; return if that was done. Raises StartFault.

    Raises EnvironmentFault and PortTakenError too.
    """
    if os.environ.get(parent.SUPERVISOR) == str(os.getpid()):
        return
    service_user.from_environment(given)
    kept = places.from_environment(given)
    with alone(kept):
        ended = orphans.end(kept.state, min(given.stop_seconds, _ORPHANS_GRACE))
        if ended:
            sys.stderr.write(f"ended {ended} processes that an earlier start had left\n")
        settled = parts.shared_environment(kept, ports.choose(parts.wanted_ports(given)))
        sys.stdout.flush()  # what is buffered would be lost with the program that exec replaces
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], settled)  # noqa: S606  and lets the lock go
