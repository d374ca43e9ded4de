"""The embedded PostgreSQL, from the wheel's programs under our own hand (docs/reference.md, Running it)."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from xmld_project.environment import Environment
from xmld_project.secret_files import made_once
from xmld_project.standalone import locks, places, service_user
from xmld_project.standalone.postgres import files, roles
from xmld_project.standalone.postgres.programs import DatabaseFault as DatabaseFault
from xmld_project.standalone.postgres.server import Server

# A worker that is stopped within a transaction must not hold its rows longer than its lease (45 s); a machine that
# vanishes is noticed within a minute, by us and by the server.
_SESSION: Final = (
    "-c idle_in_transaction_session_timeout=30s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10"
)
# django-q2's processes would connect anew for each task and five times a second in between.
_KEPT_OPEN: Final = 600
_KEEPALIVES: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def embedded_url(environment: Environment) -> str:
    """Return the address of the embedded database of this state folder, whether it runs or not."""
    kept = places.from_environment(environment)
    password = made_once(kept.secrets / "database_password", 24)
    return _url(roles.PRODUCT, password, "xmld", kept)


def owner_url(environment: Environment) -> str:
    """Return the address by which the server itself is administered; the product never uses it."""
    kept = places.from_environment(environment)
    return _url(roles.OWNER, made_once(kept.secrets / "database_owner_password", 24), "postgres", kept)


def _url(role: str, password: str, database: str, kept: places.Places) -> str:
    return f"postgresql://{role}:{password}@/{database}?host={quote(str(kept.socket), safe='')}"


def django_settings(url: str) -> dict[str, Any]:
    """Translate a PostgreSQL connection URL to what Django's DATABASES wants."""
    parts = conninfo_to_dict(url)
    options = f"{_SESSION} {parts.pop('options', '')}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "xmld"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": {**_KEEPALIVES, **parts, "options": options},
        "CONN_MAX_AGE": _KEPT_OPEN,
        "CONN_HEALTH_CHECKS": True,
    }


@contextlib.contextmanager
def running(environment: Environment) -> Iterator["EmbeddedDatabase"]:
    """Keep the embedded database running for a block; the last of its users stops it."""
    database = EmbeddedDatabase(environment)
    try:
        database.ensure_running()
        yield database
    finally:
        database.release()


@contextlib.contextmanager
def available(environment: Environment) -> Iterator[str]:
    """Keep the embedded database running for a block: the one that runs, or one started for it. Yields its URL."""
    with running(environment) as database:
        yield database.url


class EmbeddedDatabase:
    """One user of the embedded server. A lock shared by all users tells the last one that it is the last."""

    def __init__(self, environment: Environment) -> None:
        self.url = embedded_url(environment)
        self._places = places.from_environment(environment)
        user = service_user.from_environment(environment)
        files.prepare_folders(self._places, user)
        self._starting = self._places.home / "start.lock"
        self._users = self._places.home / "users.lock"
        self._server = Server(self._places, user, self.url, owner_url(environment))
        self._share: int | None = locks.share(self._users)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._server.pid

    def is_stuck(self) -> bool:
        """Ask the server once; True when it lives, and takes no connections and recovers nothing for too long."""
        return self._server.is_stuck()

    def ensure_running(self) -> None:
        """Start the server unless it runs and answers, a stuck one anew; raises DatabaseFault."""
        self._server.reap()
        with locks.exclusive(self._starting):
            self._server.ensure()

    def release(self) -> None:
        """Let go, and stop the server when it has no other user."""
        if self._share is None:
            return
        with locks.exclusive(self._starting):
            os.close(self._share)
            self._share = None
            alone = locks.try_exclusive(self._users)
            if alone is not None:
                self._server.stop()
                os.close(alone)
        self._server.reap()
