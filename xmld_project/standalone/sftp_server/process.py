"""The bundled SFTP server: embedded spaces, each a folder below var/sftp.

Started by the supervisor as `python -m xmld_project.standalone.sftp_server.process`. As root it loads its code, its
keys and the port first, then drops to XMLD_RUN_AS for good: that user may not even reach the project.
"""

import asyncio
import importlib
import os
import pkgutil
import signal
import socket
import sys

import asyncssh
import psycopg
from django.conf import settings

from deliveries import vault
from xmld_project import environment
from xmld_project.standalone import parent, places, service_user
from xmld_project.standalone.places import Places
from xmld_project.standalone.postgres.available import embedded_url
from xmld_project.standalone.service_user import ServiceUser
from xmld_project.standalone.sftp_server import (
    authentication,
    server,
)
from xmld_project.standalone.sftp_server import (
    keys as sftp_keys,
)
from xmld_project.standalone.sftp_server import (
    spaces as sftp_spaces,
)
from xmld_project.standalone.sftp_server.users import Users


def load_everything() -> None:
    """Import what libraries would import only when first needed: after dropping it may be out of reach."""
    import encodings  # noqa: PLC0415  only walked here

    for package in (asyncssh, psycopg, encodings):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            try:
                importlib.import_module(module.name)
            except ImportError:  # optional parts: GSSAPI, PKCS#11, Windows
                continue
    vault.reveal(vault.seal("read the data key now"))


def own_listener(kept: Places, user: ServiceUser | None) -> socket.socket:
    """Return the socket of our own polls: no stranger reaches it, so a flood before the port doesn't either."""
    kept.socket.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user:
        user.own(kept.socket)
    path = kept.sftp_socket
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o600)
    if user:
        user.own(path)
    listener.listen(100)
    return listener


async def serve(listener: socket.socket, given: environment.Environment, url: str) -> None:
    """Serve until SIGTERM."""
    kept = places.from_environment(given)
    user = service_user.from_environment(given)
    own = own_listener(kept, user)
    keys = sftp_keys.made_once(kept.secrets)
    spaces, polls = sftp_spaces.prepare(kept, user), sftp_keys.own_password(kept.secrets)
    users = Users(url)
    quota = given.sftp_quota_mb * 1024**2
    rules = authentication.Rules(spaces, users, polls, legacy=given.sftp_legacy, quota=quota)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    chosen = server.options(keys, rules)
    os.chdir("/")
    if user:
        user.become()
        parent.end_with_supervisor()  # the kernel forgets the wish with the change of user
    os.umask(0o027)
    async with await asyncssh.listen(sock=listener, **chosen), await asyncssh.listen(sock=own, **chosen):
        await stop.wait()
    await users.close()


def main(_arguments: list[str]) -> int:
    """Read the environment, take the port, serve."""
    parent.end_with_supervisor()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xmld_project.settings")
    given = environment.read()
    url = given.database_url or embedded_url(given)
    load_everything()
    try:
        listener = socket.create_server(("127.0.0.1", int(settings.SFTP_PORT)), backlog=100)
    except OSError as error:
        sys.stderr.write(f"SFTP port {settings.SFTP_PORT}: {error.strerror}\n")
        return 1
    asyncio.run(serve(listener, given, url))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
