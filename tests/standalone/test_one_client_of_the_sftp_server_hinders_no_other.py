"""What one client may hold and use, and that another gets in meanwhile."""

import asyncio
import contextlib
import time

import asyncssh
import pytest

from tests.standalone.bundled import client, server, url
from xmld_project.standalone.sftp_server import files, listing, sessions, usage

MOST = 2.0  # seconds that this process computes, for both sides, until another client is in


async def another_gets_in(port):
    began = time.process_time()
    async with client(port, username="other", password="right") as it, it.start_sftp_client() as sftp:
        await sftp.listdir("/")
    assert time.process_time() - began < MOST


def test_the_257th_open_file_is_refused_and_a_closed_one_makes_room(host_keys, tmp_path, other):
    async def open_many():
        async with (
            server(host_keys, tmp_path, url=url()) as port,
            client(port, password="right") as it,
            it.start_sftp_client() as sftp,
        ):
            kept = [await sftp.open("/a", "w") for _ in range(files.MOST_HANDLES)]
            for _ in range(20):
                with pytest.raises(asyncssh.SFTPFailure, match="at most 256"):
                    await sftp.open("/a", "w")
                with pytest.raises(asyncssh.SFTPFailure, match="at most 256"):
                    await sftp.listdir("/")
            await another_gets_in(port)
            await kept.pop().close()
            async with sftp.open("/b", "w"):
                pass
            for each in kept:
                await each.close()

    asyncio.run(open_many())


def test_channels_of_a_connection_are_bounded(host_keys, tmp_path, other):
    async def open_many():
        async with server(host_keys, tmp_path, url=url()) as port, client(port, password="right") as it:
            sftps = [await it.start_sftp_client() for _ in range(sessions.CHANNELS_OF_A_CONNECTION)]
            with pytest.raises(asyncssh.ChannelOpenError, match="too many channels"):
                await it.start_sftp_client()
            for _ in range(200):
                with contextlib.suppress(asyncssh.ChannelOpenError):
                    await it.start_sftp_client()
            await another_gets_in(port)
            for each in sftps:
                each.exit()
                await each.wait_closed()

    asyncio.run(open_many())


def test_connections_of_a_space_are_bounded_and_counted_down(host_keys, tmp_path, other):
    async def connect_many():
        async with server(host_keys, tmp_path, url=url()) as port, contextlib.AsyncExitStack() as stack:
            entered = [client(port, password="right") for _ in range(sessions.CONNECTIONS)]
            kept = [await stack.enter_async_context(each) for each in entered]
            with pytest.raises((asyncssh.Error, ConnectionError)):
                async with client(port, password="right") as it, it.start_sftp_client():
                    pass
            await another_gets_in(port)
            kept[0].close()
            await kept[0].wait_closed()
            async with client(port, password="right") as it, it.start_sftp_client():
                pass

    asyncio.run(connect_many())


def test_listings_of_many_files_at_once_leave_others_their_turn(host_keys, tmp_path, other):
    (tmp_path / "shop").mkdir()
    for number in range(3_000):
        (tmp_path / "shop" / f"{number}.csv").touch()

    async def list_all():
        async with (
            server(host_keys, tmp_path, url=url()) as port,
            client(port, password="right") as it,
            contextlib.AsyncExitStack() as stack,
        ):
            sftps = [await stack.enter_async_context(it.start_sftp_client()) for _ in range(8)]
            listed = [asyncio.create_task(sftp.listdir("/")) for sftp in sftps]
            await asyncio.sleep(0)
            await another_gets_in(port)
            assert [len(await each) for each in listed] == [3_002] * 8

    asyncio.run(list_all())


def test_a_listing_shows_what_ls_shows_and_passes_over_what_vanishes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    names = listing.Names(bytes(tmp_path), lambda name: setattr(name, "longname", b"x")).piece()
    assert {name.filename: name.longname for name in names} == {b".": b"x", b"..": b"x", b"a": b"x"}
    assert next(name for name in names if name.filename == b"a").attrs.size == 3


def test_a_full_space_takes_no_more_and_takes_again_what_makes_room(host_keys, tmp_path, other, monkeypatch):
    monkeypatch.setattr(usage, "_FRESH", 0.0)

    async def fill():
        async with (
            server(host_keys, tmp_path, url=url(), quota=200_000) as port,
            client(port, password="right") as it,
            it.start_sftp_client() as sftp,
        ):
            async with sftp.open("/a", "wb") as file:
                await file.write(b"x" * 150_000)
            with pytest.raises(asyncssh.SFTPFailure, match="the space is full"):
                async with sftp.open("/b", "wb") as file:
                    await file.write(b"x" * 150_000)
            await sftp.remove("/a")
            await sftp.remove("/b")
            async with sftp.open("/b", "wb") as file:
                await file.write(b"x" * 150_000)

    asyncio.run(fill())


def test_files_without_content_are_bounded_too(tmp_path, monkeypatch):
    monkeypatch.setattr(usage, "MOST_FILES", 2)

    async def make():
        kept = usage.Usage(tmp_path, 1_000_000)
        return [await kept.take(0, files=1) for _ in range(3)]

    assert asyncio.run(make()) == [True, True, False]
