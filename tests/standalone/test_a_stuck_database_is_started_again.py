"""A PostgreSQL that lives and takes no connections for good, as after a killed recovery; the real one."""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.waiting import wait_for
from xmld_project import environment
from xmld_project.standalone import places
from xmld_project.standalone.postgres import available
from xmld_project.standalone.postgres import patience as postgres_patience
from xmld_project.standalone.postgres import server as postgres_server
from xmld_project.standalone.postgres.patience import Patience

# Something to recover.
ROWS = "CREATE TABLE x AS SELECT n, repeat('x', 500) AS text FROM generate_series(1, 200000) AS n"


def recovery(server):
    """Return the process that recovers, if one does."""
    for child in server.children():
        try:
            if postgres_patience.STARTUP.match(" ".join(child.cmdline())):
                return child
        except psutil.Error:
            continue
    return None


def refusal(url):
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""


def lives(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def kill_the_recovery(url, server):
    """Kill a backend, then the process that recovers from it; whether the server lives and starts no other."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS x")
        connection.execute(ROWS)
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        connection.close()
    started = wait_for(lambda: not lives(server) or recovery(server), "the recovery")
    if started is not True:
        started.kill()
    wait_for(lambda: not lives(server) or recovery(server) is None, "its end")
    return lives(server) and "recovery mode" in refusal(url)


def get_stuck(url, pid, again):
    """Return the server that is stuck; a recovery killed late ends it, and `again` brings up another."""
    for _attempt in range(10):
        server = psutil.Process(pid())
        if kill_the_recovery(url, server):
            return server
        again()
    return pytest.fail("it was never stuck")


@pytest.fixture
def embedded(monkeypatch):
    state = Path(tempfile.mkdtemp(prefix="xmld-stuck-"))
    monkeypatch.setenv("XMLD_STATE_DIR", str(state))
    monkeypatch.delenv("DATABASE_URL")
    given = environment.read()
    embedded = available.EmbeddedDatabase(given)
    embedded.ensure_running()
    yield embedded
    embedded.release()
    for folder in (places.from_environment(given).home, state):
        shutil.rmtree(folder, ignore_errors=True)


def test_a_server_whose_recovery_was_killed_is_stopped_at_once_and_started_again(embedded, monkeypatch):
    monkeypatch.setattr(postgres_patience, "RECOVERING", 1.0)
    server = get_stuck(embedded.url, lambda: embedded.pid, embedded.ensure_running)
    assert not embedded.is_stuck()
    wait_for(embedded.is_stuck, "the end of patience")
    embedded.ensure_running()
    assert embedded.pid not in {None, server.pid}
    assert not lives(server)
    with psycopg.connect(embedded.url) as connection:
        assert connection.execute("SELECT count(*) FROM x").fetchone() == (200_000,)
    assert not embedded.is_stuck()


def test_whoever_comes_later_waits_no_longer(embedded, monkeypatch):
    monkeypatch.setattr(postgres_patience, "RECOVERING", 1.0)
    server = get_stuck(embedded.url, lambda: embedded.pid, embedded.ensure_running)
    later = available.EmbeddedDatabase(environment.read())
    later.ensure_running()
    assert refusal(later.url) == ""
    assert later.pid not in {None, server.pid}
    embedded.release()
    later.release()


def test_a_stuck_server_is_stopped_without_waiting(embedded):
    server = get_stuck(embedded.url, lambda: embedded.pid, embedded.ensure_running)
    began = time.monotonic()
    embedded.release()
    assert time.monotonic() - began < postgres_server._FAST_STOP
    assert not lives(server)


def test_a_server_that_says_nothing_at_all_is_started_again_too(embedded, monkeypatch):
    monkeypatch.setattr(postgres_patience, "SILENT", 1.0)
    monkeypatch.setattr(postgres_server, "_IMMEDIATE_STOP", 1.0)
    server = psutil.Process(embedded.pid)
    server.suspend()
    wait_for(embedded.is_stuck, "the end of patience")
    embedded.ensure_running()
    assert not lives(server)
    assert not embedded.is_stuck()


@pytest.mark.whole
@pytest.mark.xdist_group("product-deaths")
def test_the_supervisor_notices(another_product):
    product = another_product(XMLD_DEMO="0").start()
    url = product.run_json["database_url"]

    def pid():
        return wait_for(lambda: product.run_json["pids"]["postgres"], "a server")

    server = get_stuck(url, pid, lambda: wait_for(lambda: not refusal(url), "connections"))
    product.wait_for_another("postgres", server.pid)
    assert "PostgreSQL takes no connections and recovers nothing: started again" in product.console
    wait_for(lambda: not refusal(url), "connections")
    assert product.command("deliveries", "--json").json == []
    assert product.stop() == 0


class Server:
    """A process with children of these titles."""

    def __init__(self, *titles):
        self._titles = titles

    def children(self):
        return [Child(title) for title in self._titles]


class Child:
    def __init__(self, title):
        self._title = title

    def cmdline(self):
        if isinstance(self._title, Exception):
            raise self._title
        return [self._title, ""]


RECOVERY, STARTING = "FATAL:  the database system is in recovery mode", "FATAL:  the database system is starting up"
FULL, SILENCE = "FATAL:  sorry, too many clients already", "connection timeout expired"


@pytest.fixture
def patience(monkeypatch):
    """Patience whose moments are given: patience(second, refusal, *titles)."""
    now, patience = [0.0], Patience()
    monkeypatch.setattr(postgres_patience.time, "monotonic", lambda: now[0])

    def at(second, said, *titles):
        now[0] = 1_000.0 + second
        return patience.ended_by(psycopg.OperationalError(said), Server(*titles))

    at.patience = patience
    return at


@pytest.mark.parametrize(("said", "seconds"), [(RECOVERY, 15), (STARTING, 15), (SILENCE, 60), ("refused", 60)])
def test_it_is_over_after_a_while_without_a_recovery(patience, said, seconds):
    assert not patience(0, said, "postgres: checkpointer")
    assert not patience(seconds - 1, said)
    assert patience(seconds + 1, said)


def test_a_recovery_takes_as_long_as_it_takes(patience):
    assert not patience(-60, RECOVERY, "postgres: xmld xmld [local] startup")
    assert patience(-40, RECOVERY, "postgres: xmld xmld [local] startup")
    for minute in range(100):
        assert not patience(60 * minute, RECOVERY, "postgres: startup recovering 000000010000000000000001")
    assert not patience(6_001, RECOVERY)
    assert not patience(6_002, RECOVERY, psutil.AccessDenied())
    assert not patience(6_017, RECOVERY)
    assert patience(6_033, RECOVERY, psutil.NoSuchProcess(1))


def test_a_server_that_is_full_or_answers_in_between_is_none_that_is_stuck(patience):
    for second in range(0, 200, 5):
        assert not patience(second, FULL)
    assert not patience(201, RECOVERY)
    patience.patience.begin_anew()
    assert not patience(217, RECOVERY)
    assert not patience.patience.ended_by(psycopg.OperationalError(SILENCE), None)
    assert not patience(300, RECOVERY)
