"""`runall` from its first line to its last: what must be judged first, then the supervisor."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error as DatabaseError
from django.db import connection

from deliveries import sftp_usernames
from xmld_project.environment import Environment, EnvironmentFault
from xmld_project.standalone import locks, places, ports, service_user
from xmld_project.standalone.places import Places
from xmld_project.standalone.postgres import available
from xmld_project.standalone.sftp_server import keys
from xmld_project.standalone.sftp_server import spaces as sftp_spaces
from xmld_project.standalone.supervisor import apart, first_start, migrating, orphans, parts
from xmld_project.standalone.supervisor.announcements import Running
from xmld_project.standalone.supervisor.supervise import Supervisor, SupervisorContext

_ORPHANS_GRACE: Final = 10.0


class StartFault(Exception):
    """The product can't be started; the text is the one line for the operator."""


FAULTS: Final = (StartFault, EnvironmentFault, ports.PortTakenError, available.DatabaseFault)


@contextlib.contextmanager
def _alone(kept: Places) -> Iterator[None]:
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


@contextlib.contextmanager
def _database(given: Environment) -> Iterator[available.Hold | None]:
    """Hold the embedded database, or trust the one outside."""
    if given.database_url:
        yield None
        return
    with available.held(given) as hold:
        yield hold


def _mark_folders(kept: Places, spaces: Path) -> None:
    """Give the folders of a version without marks their owners; say which have none. Raises OSError."""
    for name in sftp_usernames.adopt(spaces, first_start.owners_of_names()):
        mark = kept.spaces / sftp_usernames.OWNERS / name
        sys.stderr.write(f"{kept.spaces / name} is no space's: to give its user name away, remove it and {mark}\n")


def _prepare(given: Environment, kept: Places, spaces: Path) -> Running:
    """Bring the database to where everything can run. Raises StartFault."""
    try:
        migrating.migrate()
        admin = first_start.administrator(kept)
        made = first_start.demo_account() if given.demo else None
        _mark_folders(kept, spaces)
    except DatabaseError as error:
        raise StartFault(f"the database: {str(error).strip().splitlines()[0]}") from error
    except CommandError as error:
        raise StartFault(f"the demo account: {error}") from error
    except OSError as error:
        raise StartFault(f"{error.filename}: {error.strerror}") from error
    finally:
        connection.close()
    url = given.database_url or available.embedded_url(given)
    return Running(admin, made, keys.public_line(kept.secrets), url, os.getppid())


def run(given: Environment, say: Callable[[str], object]) -> None:
    """Start everything and return when it was asked to stop. Raises one of FAULTS."""
    kept = places.of(given)
    user = service_user.of(given)
    with _alone(kept):
        ended = orphans.end(kept.state, min(given.stop_seconds, _ORPHANS_GRACE))
        if ended:
            sys.stderr.write(f"ended {ended} processes that an earlier start had left\n")
        chosen = ports.choose(parts.wanted_ports(given))
        settings.SFTP_PORT, settings.WEB_PORT = chosen[parts.SFTP], chosen[parts.WEB]
        with _database(given) as hold:  # which sets aside the spaces of a state folder that was deleted
            spaces = sftp_spaces.prepare(kept, user)
            running = apart.call(lambda: _prepare(given, kept, spaces), StartFault)
            Supervisor(SupervisorContext(given, kept, user, chosen, hold, running), say).run()
