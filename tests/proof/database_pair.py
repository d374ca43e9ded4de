"""A PostgreSQL with a synchronous standby, and what may happen to the two: a crash, a fail-over."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.ports import free_ports
from tests.waiting import wait_for
from xmld_project.standalone import places
from xmld_project.standalone.postgres import programs

_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
synchronous_standby_names = '*'
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
jit = off
timezone = 'UTC'
"""


class DatabasePair:
    """`url` names both servers and asks for the one that writes; a commit waits for the standby's disk."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="xmld-pair-"))
        self.folder.chmod(0o755)
        root = os.geteuid() == 0
        nobody = pwd.getpwnam("nobody")
        self._identity: dict[str, Any] = (
            {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []} if root else {}
        )
        self._environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        home = places.Places(self.folder, self.folder, self.folder)
        self._programs = programs.binaries(home, copied=root)
        self._password = secrets.token_hex(12)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports = dict(zip(("a", "b"), free_ports(2), strict=True))
        self.primary, self.standby = "a", "b"
        hosts = ",".join(["127.0.0.1"] * 2)
        ports = ",".join(str(port) for port in self.ports.values())
        self.url = (
            f"postgresql://xmld:{self._password}@/xmld?host={hosts}&port={ports}&target_session_attrs=read-write"
        )

    def start(self) -> "DatabasePair":
        data = self._data(self.primary)
        self._own(data)
        secret = self.folder / "password"
        secret.write_text(self._password, encoding="ascii")
        secret.chmod(0o644)
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8")
        secret.unlink()
        with (data / "postgresql.conf").open("a", encoding="ascii") as file:
            file.write(_SETTINGS)
        with (data / "pg_hba.conf").open("a", encoding="ascii") as file:
            file.write("host replication postgres 127.0.0.1/32 scram-sha-256\n")
        self._serve(self.primary)
        with self._owner() as server:
            server.execute("SET synchronous_commit = local")  # there is no standby yet
            server.execute(f"CREATE ROLE xmld LOGIN CREATEDB PASSWORD '{self._password}'")
            server.execute("CREATE DATABASE xmld OWNER xmld")
        self._follow()
        return self

    def crash(self) -> None:
        """Stop the writing server without a word and start it again."""
        self._kill(self.primary)
        self._serve(self.primary)

    def fail_over(self) -> None:
        """Let the writing server be gone for good, the standby take over, and a new one follow it."""
        self._kill(self.primary)
        self._run("pg_ctl", "promote", "-w", "-D", self._data(self.standby))
        self.primary, self.standby = self.standby, self.primary
        self._follow()

    def close(self) -> None:
        for name in list(self._running):
            self._kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _data(self, name: str) -> Path:
        return self.folder / name

    def _own(self, data: Path) -> None:
        data.mkdir(mode=0o700)
        if self._identity:
            os.chown(data, self._identity["user"], self._identity["group"])

    def _owner(self, name: str = "") -> psycopg.Connection:
        port = self.ports[name or self.primary]
        known = {"user": "postgres", "password": self._password, "host": "127.0.0.1", "port": port}
        return psycopg.connect(dbname="postgres", autocommit=True, connect_timeout=5, **known)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        known = self._environment | {"PGPASSWORD": self._password}
        done = subprocess.run(
            command, env=known, capture_output=True, text=True, check=False, cwd="/", **self._identity
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def _serve(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            self._running[name] = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data(name), "-p", str(self.ports[name])],
                env=self._environment, stdout=log, stderr=log, cwd="/", start_new_session=True, **self._identity,
            )  # fmt: skip

        def answers() -> bool:
            try:
                self._owner(name).close()
            except psycopg.OperationalError:
                return False
            return True

        wait_for(answers, f"PostgreSQL {name}", 120)

    def _follow(self) -> None:
        """Make the standby anew from the server that writes, and wait until commits wait for it."""
        data = self._data(self.standby)
        shutil.rmtree(data, ignore_errors=True)
        self._own(data)
        known = f"host=127.0.0.1 port={self.ports[self.primary]} user=postgres application_name={self.standby}"
        self._run("pg_basebackup", "-d", known, "-D", data, "-R", "-X", "stream", "-c", "fast")
        with (data / "postgresql.auto.conf").open("a", encoding="ascii") as file:
            file.write(f"primary_conninfo = '{known} password={self._password}'\n")
        self._serve(self.standby)

        def follows() -> bool:
            with self._owner() as server:
                asked = server.execute("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                return asked.fetchone() == (1,)

        wait_for(follows, "a synchronous standby", 120)

    def _kill(self, name: str) -> None:
        """Stop a server at once, its sessions too: what they wrote last may be on no disk."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGQUIT)
        process.wait(60)
