"""Before Django is set up: one embedded PostgreSQL and one state folder for the whole test session."""

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

if "XMLD_TESTS_STATE" not in os.environ:  # workers of pytest-xdist inherit what the first process made
    state = tempfile.mkdtemp(prefix="xmld-tests-")
    Path(state).chmod(0o755)
    (Path(state) / "static").mkdir()
    os.environ["XMLD_TESTS_STATE"] = os.environ["XMLD_STATE_DIR"] = state

    import psycopg

    from tests.ending import cleared_after_us
    from xmld_project import environment
    from xmld_project.standalone import places
    from xmld_project.standalone.postgres import available

    kept = places.from_environment(environment.read())
    atexit.register(cleared_after_us(kept.data, Path(state), kept.home).communicate)  # the last of all
    stack = contextlib.ExitStack()
    os.environ["DATABASE_URL"] = stack.enter_context(available.available(environment.read()))
    with psycopg.connect(available.owner_url(environment.read()), autocommit=True) as server:
        server.execute("ALTER ROLE xmld CREATEDB")  # a database for each of pytest's processes
        server.execute("GRANT pg_signal_autovacuum_worker TO xmld")  # they cut all connections
    for folder in (state, kept.home):
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(stack.close)

os.environ.setdefault("XMLD_SECOND_FACTOR", "optional")  # who must have one is asked by the tests of it

worker = os.environ.get("PYTEST_XDIST_WORKER")
if worker:  # each has a database of its own, and so the same ids: their spools must not meet
    own = Path(os.environ["XMLD_TESTS_STATE"]) / worker
    (own / "static").mkdir(parents=True, exist_ok=True)
    own.chmod(0o755)
    os.environ["XMLD_STATE_DIR"] = str(own)
