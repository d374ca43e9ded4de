"""The distribution's own PostgreSQL with pgbouncer before it, as docs/install.md and docs/scaling.md have them."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.ending import ending_with_us
from tests.ports import free_ports
from tests.waiting import PATIENCE, wait_for

PASSWORD = "a password of its own"
NOBODY = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def programs():
    """Return the folder of the newest server that the distribution has installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return installed[-1] if installed else Path(shutil.which("pg_ctl") or "").parent


class Daemon:
    """A server in a folder of its own, as an ordinary user; ended by `stop`."""

    def __init__(self, name, port):
        self.folder = Path(tempfile.mkdtemp(prefix=f"xmld-{name}-"))
        self.port = port
        self.process = None
        self._own()

    def _own(self):
        if NOBODY:
            shutil.chown(self.folder, NOBODY["user"], NOBODY["group"])

    def run(self, *command):
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ending_with_us([*map(str, command)], "QUIT"), cwd=self.folder, stdout=log, stderr=log, **NOBODY
            )
        wait_for(self._answers, str(command[0]))

    def _answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
        return listens(self.port)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        shutil.rmtree(self.folder)


class OwnPostgres(Daemon):
    """PostgreSQL with the role and database of docs/install.md, section 2."""

    def __init__(self):
        super().__init__("postgres", *free_ports(1))
        try:
            self._make()
        except BaseException:  # a fixture that fails to make it has not got it yet to stop it
            self.stop()
            raise

    def _make(self):
        made = [programs() / "initdb", "--pgdata=data", "--auth=trust", "--username=postgres", "--encoding=UTF8"]
        subprocess.run(
            [*made, "--no-locale", "--no-sync"], cwd=self.folder, check=True, stdout=subprocess.DEVNULL, **NOBODY
        )
        (self.folder / "data" / "pg_hba.conf").write_text(
            "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n", encoding="ascii"
        )
        how = ("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", f"port={self.port}")
        self.run(programs() / "postgres", "-D", "data", *how)
        with psycopg.connect(self.as_owner(), autocommit=True) as server:
            server.execute(f"CREATE ROLE xmld LOGIN PASSWORD '{PASSWORD}'")
            server.execute("GRANT pg_monitor TO xmld")
            server.execute("ALTER ROLE xmld SET idle_in_transaction_session_timeout = '30s'")
            server.execute("CREATE DATABASE xmld OWNER xmld")

    def _answers(self):
        return (
            super()._answers()
            and subprocess.run(
                [programs() / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={self.port}"], check=False
            ).returncode
            == 0
        )

    def as_owner(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"


class PgBouncer(Daemon):
    """A pooler in transaction mode: `sessions` of the database serve all who are connected to it."""

    def __init__(self, database_port, sessions):
        super().__init__("pgbouncer", *free_ports(1))
        (self.folder / "users").write_text(f'"xmld" "{PASSWORD}"\n"watcher" "w"\n', encoding="ascii")
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": self.folder / "users",
            "admin_users": "watcher",
            "pool_mode": "transaction",
            "default_pool_size": sessions,
            "max_client_conn": 200,
            "ignore_startup_parameters": "options,extra_float_digits",
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        target = f"[databases]\nxmld = host=127.0.0.1 port={database_port} dbname=xmld"
        (self.folder / "ini").write_text("\n".join([target, "[pgbouncer]", *lines, ""]), encoding="ascii")
        try:
            self.run(shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", "-q", self.folder / "ini")
        except BaseException:  # as above
            self.stop()
            raise

    @property
    def url(self):
        return f"postgresql://xmld:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/xmld"

    def pool(self):
        """Return pgbouncer's own row of the product's pool: how many clients and sessions there are."""
        where = f"postgresql://watcher:w@127.0.0.1:{self.port}/pgbouncer"
        with psycopg.connect(where, autocommit=True, cursor_factory=psycopg.ClientCursor) as console:
            cursor = console.execute("SHOW POOLS")
            names = [column.name for column in cursor.description]
            (row,) = [found for found in cursor.fetchall() if found[0] == "xmld"]
        return dict(zip(names, row, strict=True))
