"""What a client of the bundled SFTP server gets by its log-in: the files of its space, no program and no line."""

import asyncio

import asyncssh
import pytest

from deliveries.models import SftpSpace
from tests.standalone.bundled import client, server, url

NOT_SERVED = {
    "a command": lambda it: it.create_process("id"),
    "a shell": lambda it: it.create_process(),
    "a terminal": lambda it: it.create_process(term_type="xterm"),
    "scp": lambda it: it.create_process("scp -t /"),
    "another subsystem": lambda it: it.create_process(subsystem="netconf"),
    "a line to the web": lambda it: it.open_connection("127.0.0.1", 80),
    "a line to a socket": lambda it: it.open_unix_connection("/run/x"),
    "a port of ours": lambda it: it.start_server(lambda *_given: None, "", 0),
    "a socket of ours": lambda it: it.start_unix_server(lambda *_given: None, "/tmp/x"),  # noqa: S108  refused
}
OUTSIDE = [
    "../other/a.csv",
    "/../other/a.csv",
    "/./../other/a.csv",
    "//../../etc/passwd",
    "a/../../other/a.csv",
    "/.owners/other",
]


def entered(host_keys, folder, ask, **identity):
    async def enter():
        async with server(host_keys, folder, url=url()) as port, client(port, **identity) as it:
            return await ask(it)

    return asyncio.run(enter())


@pytest.mark.parametrize("how", ["password", "a key with options"])
def test_no_program_runs_and_no_line_opens(host_keys, tmp_path, space, ed25519, how):
    identity = {"password": "right"}
    if how != "password":
        key = ed25519.export_public_key("openssh").decode().strip()
        line = f'command="id",environment="LD_PRELOAD=/x",permitopen="127.0.0.1:80" {key}'
        SftpSpace.objects.filter(pk=space.pk).update(authorized_keys=[line])
        identity = {"client_keys": [ed25519]}

    async def ask(it):
        opened = []
        for what, of in NOT_SERVED.items():
            try:
                await of(it)
            except (asyncssh.Error, asyncssh.ChannelListenError, OSError):
                continue
            opened.append(what)
        return opened

    assert entered(host_keys, tmp_path, ask, **identity) == []


def test_nothing_outside_the_space_is_seen_moved_or_linked(host_keys, tmp_path, space):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.csv").write_bytes(b"theirs")

    async def ask(it):
        async with it.start_sftp_client() as sftp, sftp.open("/mine", "wb") as file:
            await file.write(b"x")
            for path in OUTSIDE:
                for done in (sftp.stat, sftp.remove, sftp.listdir, lambda path: sftp.rename("/mine", path)):
                    with pytest.raises(asyncssh.SFTPError):
                        await done(path)
            for link in (sftp.symlink, sftp.link):
                with pytest.raises(asyncssh.SFTPError):
                    await link("../other/a.csv", "/link")
            return set(await sftp.listdir("/"))

    assert entered(host_keys, tmp_path, ask, password="right") == {".", "..", "mine"}
    assert (tmp_path / "other" / "a.csv").read_bytes() == b"theirs"


def test_a_link_that_another_process_made_leads_nowhere(host_keys, tmp_path, space):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "out").symlink_to("/etc/passwd")

    async def ask(it):
        async with it.start_sftp_client() as sftp:
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await sftp.open("/out")

    entered(host_keys, tmp_path, ask, password="right")
