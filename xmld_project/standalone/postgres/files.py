"""The embedded database's folders and settings: made once, completely or not at all."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deliveries.durable_files import written_aside
from xmld_project.secret_files import made_once
from xmld_project.standalone.places import SHARED, Places
from xmld_project.standalone.postgres import leftovers, roles
from xmld_project.standalone.postgres.programs import DatabaseFault
from xmld_project.standalone.service_user import ServiceUser

# A lost intent is a duplicate mail: the first three are never relaxed. The rest is for a small machine.
_SETTINGS: Final = """\
# Written at each start; your own settings go into a file of a later name in this folder.
fsync = on
synchronous_commit = on
full_page_writes = on
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 10min
wal_compression = pglz
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 1
autovacuum_naptime = 15s
autovacuum_vacuum_scale_factor = 0.1
autovacuum_analyze_scale_factor = 0.05
tcp_keepalives_idle = 60
log_line_prefix = '%m [%p] '
log_checkpoints = off
timezone = 'UTC'
"""


def prepare_folders(places: Places, user: ServiceUser | None) -> None:
    """Make the home and the socket's folder, the latter 0700 and surely its user's own."""
    try:
        places.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if user:
            SHARED.chmod(0o755)
            os.chown(places.home, 0, 0)
            places.home.chmod(0o755)
            _set_aside_a_strangers(places)
            leftovers.note(places)
            leftovers.remove()
        places.socket.mkdir(mode=0o700, exist_ok=True)
        if user:
            user.own(places.socket)
    except OSError as error:
        raise DatabaseFault(f"the database's folder can't be made: {error}") from error
    kept = places.socket.lstat()
    if kept.st_uid != (user.uid if user else os.geteuid()) or places.socket.is_symlink():
        raise DatabaseFault(f"{places.socket} belongs to somebody else: remove it")
    places.socket.chmod(0o700)


def _set_aside_a_strangers(places: Places) -> None:
    """Put aside the data of a state folder that was deleted: its path is the same, its passwords are gone.

    The two know each other by a mark that both keep; the last data put aside is kept, in case it was a mistake.
    """
    mark = made_once(places.secrets / "home", 12)
    kept = places.home / "mark"
    if kept.exists() and kept.read_text(encoding="ascii") == mark:
        return
    for name in ("data", "sftp"):
        if (places.home / name).exists():
            shutil.rmtree(places.home / f"{name}.before", ignore_errors=True)
            (places.home / name).rename(places.home / f"{name}.before")
    kept.write_text(mark, encoding="ascii")


def prepare_data(places: Places, programs: Path, user: ServiceUser | None) -> None:
    """Make the cluster if there is none, and write our settings."""
    if not places.data.exists():
        _make_cluster(places, programs, user)
    settings = places.data / "conf.d" / "00-xmld.conf"
    text = f"{_SETTINGS}unix_socket_directories = '{str(places.socket).replace(chr(39), chr(39) * 2)}'\n"
    try:
        if not settings.exists() or settings.read_text(encoding="utf-8") != text:
            _write(settings, text, user)
    except OSError as error:
        raise DatabaseFault(f"{settings} can't be written: {error.strerror}") from error


def _write(path: Path, text: str, user: ServiceUser | None) -> None:
    """Replace a file that the service user reads; written aside and renamed."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if user:
        user.own(path.parent)
    with written_aside(path, durable=False, before=user.own if user else lambda _draft: None) as file:
        file.write(text.encode())


def _make_cluster(places: Places, programs: Path, user: ServiceUser | None) -> None:
    """Run initdb into a folder of another name, so that a half-made cluster is never taken for one."""
    draft = places.home / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    password = places.socket / "password"
    try:
        draft.mkdir(mode=0o700)
        if user:
            user.own(draft)
        _write(password, made_once(places.secrets / "database_owner_password", 24), user)
        done = subprocess.run(
            [
                *(
                    programs / "initdb",
                    "-D",
                    draft,
                    "-U",
                    roles.OWNER,
                    "--auth=scram-sha-256",
                    f"--pwfile={password}",
                ),
                *("--locale=C", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            umask=0o077,
            **(user.identity() if user else {}),
        )
        if done.returncode != 0:
            raise DatabaseFault(f"the database can't be made: {_reason(done.stderr)}")
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include_dir = 'conf.d'\n")
        draft.rename(places.data)
    except OSError as error:
        raise DatabaseFault(f"the database can't be made in {places.home}: {error.strerror}") from error
    finally:
        password.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def _reason(said: str) -> str:
    """Return the line of a program's complaint that says why."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower() or "FATAL" in line), "\n".join(lines[-1:]))
