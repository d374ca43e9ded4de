"""`runall` from its first line to its last: what must be checked first, then the supervisor."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.core.management.base import CommandError
from django.db import Error as DatabaseError
from django.db import connection

from deliveries import sftp_usernames
from xmld_project.environment import Environment, EnvironmentFault
from xmld_project.standalone import places, ports, service_user
from xmld_project.standalone.places import Places
from xmld_project.standalone.postgres import available
from xmld_project.standalone.sftp_server import keys
from xmld_project.standalone.sftp_server import spaces as sftp_spaces
from xmld_project.standalone.supervisor import first_start, migrating, parts, settling
from xmld_project.standalone.supervisor.announcements import Running
from xmld_project.standalone.supervisor.processes import apart
from xmld_project.standalone.supervisor.processes.forking import ForkServer
from xmld_project.standalone.supervisor.supervise import Supervisor, SupervisorContext

FAULTS: Final = (settling.StartFault, EnvironmentFault, ports.PortTakenError, available.DatabaseFault)


@contextlib.contextmanager
def _database(given: Environment) -> Iterator[available.EmbeddedDatabase | None]:
    """Keep the embedded database running, or trust the one outside."""
    if given.database_url:
        yield None
        return
    with available.running(given) as database:
        yield database


def _mark_folders(kept: Places, spaces: Path) -> None:
    """Give the folders of a version without marks their owners; say which have none. Raises OSError."""
    for name in sftp_usernames.adopt(spaces, first_start.owners_of_names()):
        mark = kept.spaces / sftp_usernames.OWNERS / name
        sys.stderr.write(
            f"{kept.spaces / name} is not a space's: to give its user name away, remove it and {mark}\n"
        )


def _prepare(given: Environment, kept: Places, spaces: Path) -> Running:
    """Bring the database to where everything can run. Raises settling.StartFault."""
    try:
        migrating.migrate()
        admin = first_start.administrator(kept)
        made = first_start.demo_account() if given.demo else None
        _mark_folders(kept, spaces)
    except DatabaseError as error:
        raise settling.StartFault(f"the database: {str(error).strip().splitlines()[0]}") from error
    except CommandError as error:
        raise settling.StartFault(f"the demo account: {error}") from error
    except OSError as error:
        raise settling.StartFault(f"{error.filename}: {error.strerror}") from error
    finally:
        connection.close()
    url = given.database_url or available.embedded_url(given)
    return Running(admin, made, keys.public_line(kept.secrets), url, os.getppid())


def run(given: Environment, say: Callable[[str], object], forks: ForkServer | None) -> None:
    """Start everything that was settled and return when it was asked to stop. Raises one of FAULTS."""
    kept = places.from_environment(given)
    user, chosen = service_user.from_environment(given), parts.wanted_ports(given)
    # Holding the database sets aside the spaces of a state folder that was deleted: it comes before their folders.
    with settling.alone(kept), _database(given) as database:
        spaces = sftp_spaces.prepare(kept, user)
        running = apart.call(lambda: _prepare(given, kept, spaces), settling.StartFault)
        Supervisor(SupervisorContext(given, kept, user, chosen, database, running, forks), say).run()
