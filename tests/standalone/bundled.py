"""The bundled SFTP server in this process, on the spaces of the real database."""

import asyncio
import contextlib

import asyncssh
from django.db import connection

from xmld_project.standalone.sftp_server import server as sftp_server
from xmld_project.standalone.sftp_server.authentication import Rules
from xmld_project.standalone.sftp_server.users import Users

OWN = "the product's own"
GIVEN = {"password": None, "client_keys": None, "known_hosts": None, "config": [], "agent_path": None}


def url():
    kept = connection.settings_dict
    return f"postgresql://{kept['USER']}:{kept['PASSWORD']}@/{kept['NAME']}?host={kept['HOST']}"


@contextlib.asynccontextmanager
async def server(keys, folder, *, url="", legacy=False, **rules):
    users = Users(url)
    given = sftp_server.options(keys, Rules(folder, users, OWN, legacy=legacy, **({"quota": 2**30} | rules)))
    async with await asyncssh.listen("127.0.0.1", 0, **given) as it:
        try:
            yield it.get_port()
        finally:
            await users.close()


@contextlib.asynccontextmanager
async def client(port, *, username="shop", **identity):
    async with asyncssh.connect("127.0.0.1", port, username=username, **(GIVEN | identity)) as it:
        yield it


def log_in(keys, folder, *, legacy=False, username="shop", **identity):
    """Return what the space's folder holds for this user after putting a file, or what refused them."""

    async def enter():
        async with (
            server(keys, folder, url=url(), legacy=legacy) as port,
            client(port, username=username, **identity) as it,
            it.start_sftp_client() as sftp,
        ):
            async with sftp.open("/a.csv", "wb") as file:
                await file.write(b"x")
            return await sftp.listdir("/")

    try:
        return set(asyncio.run(enter())) - {".", ".."}
    except asyncssh.PermissionDenied:
        return "refused"
    except asyncssh.SFTPConnectionLost:
        return "hung up on"
    except asyncssh.KeyExchangeFailed:
        return "nothing in common"
