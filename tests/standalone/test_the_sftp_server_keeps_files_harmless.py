"""What a client of the bundled SFTP server may ask of its files."""

import asyncio
import os

import asyncssh
import pytest

from tests.standalone.bundled import client, server, url

ALL = 0o6777


def modes(host_keys, folder, ask):
    """Return the modes of what lies in the space after a client asked."""

    async def enter():
        async with (
            server(host_keys, folder, url=url()) as port,
            client(port, password="right") as it,
            it.start_sftp_client() as sftp,
        ):
            await ask(sftp)

    asyncio.run(enter())
    return {path.name: path.stat().st_mode & 0o7777 for path in (folder / "shop").iterdir()}


@pytest.fixture(autouse=True)
def open_mask():
    kept = os.umask(0)
    yield
    os.umask(kept)


def test_no_file_is_made_with_special_bits_or_for_others_to_write(host_keys, tmp_path, space):
    async def ask(sftp):
        async with sftp.open("/a", "w", asyncssh.SFTPAttrs(permissions=ALL)):
            pass
        await sftp.mkdir("/b", asyncssh.SFTPAttrs(permissions=0o7777))

    assert modes(host_keys, tmp_path, ask) == {"a": 0o755, "b": 0o755}


def test_none_is_given_them_later(host_keys, tmp_path, space):
    async def ask(sftp):
        for name in ("a", "b", "c", "d"):
            async with sftp.open(f"/{name}", "w") as file:
                if name == "d":
                    await file.chmod(ALL)
        await sftp.chmod("/a", ALL)
        await sftp.chmod("/b", 0o4640, follow_symlinks=False)
        await sftp.chmod("/c", 0o100600)

    assert modes(host_keys, tmp_path, ask) == {"a": 0o755, "b": 0o640, "c": 0o600, "d": 0o755}
