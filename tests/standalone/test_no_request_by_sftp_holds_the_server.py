"""What one session may ask of the bundled SFTP server: each request is a turn, and no turn is long."""

import asyncio
import contextlib
import os
import time

import asyncssh
import pytest
from asyncssh.packet import String, UInt32, UInt64
from asyncssh.sftp import FXP_READ, FXP_STAT, FXP_WRITE

from tests.standalone.bundled import client, server, url
from xmld_project.standalone.sftp_server import files, sessions

MOST = 2.0  # seconds that this process computes, for both sides, until another client is in
LONGEST = 2**32 - 1


@contextlib.asynccontextmanager
async def entered(host_keys, folder, **rules):
    """Yield the port, the connection and the requests of a client that has a session."""
    async with (
        server(host_keys, folder, url=url(), **rules) as port,
        client(port, password="right") as it,
        it.start_sftp_client() as sftp,
    ):
        yield port, it, sftp


async def another_gets_in(port):
    began = time.process_time()
    async with client(port, username="other", password="right") as it, it.start_sftp_client() as sftp:
        await sftp.listdir("/")
    return time.process_time() - began


async def opened(sftp, size=2**40):
    """Return the handle of a file that is as long as its owner says, and takes nothing of the disk."""
    file = await sftp.open("/a", "w+")
    await file.truncate(size)
    return file._handle


def ask_and_forget(sftp, kind, *values):
    waiter = asyncio.get_running_loop().create_future()
    waiter.cancel()
    sftp._handler._send_request(kind, values, waiter)


def test_a_read_of_four_gigabytes_is_answered_by_a_piece(host_keys, tmp_path, other):
    async def ask():
        async with entered(host_keys, tmp_path) as (_port, _it, sftp):
            handle = await opened(sftp)
            data, _end = await sftp._handler._make_request(FXP_READ, String(handle), UInt64(0), UInt32(LONGEST))
            return len(data)

    assert asyncio.run(ask()) == sessions.MOST_READ


def test_nothing_is_copied_for_hours_by_one_request(host_keys, tmp_path, other):
    async def ask():
        async with entered(host_keys, tmp_path) as (_port, _it, sftp):
            handle = String(await opened(sftp))
            wanted = (handle, UInt64(0), UInt64(0), handle, UInt64(2**30))
            with pytest.raises(asyncssh.SFTPOpUnsupported):
                await sftp._handler._make_request(b"copy-data", *wanted)
            with pytest.raises(asyncssh.SFTPOpUnsupported):
                await sftp._handler._make_request(b"ranges@asyncssh.com", handle, UInt64(0), UInt64(2**30))

    asyncio.run(ask())


@pytest.mark.parametrize("path", [b"/a" * 1_000_000, b"/" + b"a" * 5_000, b"/a\0.csv"])
def test_a_name_that_no_file_can_have_is_refused_at_once(host_keys, tmp_path, other, path):
    async def ask():
        async with entered(host_keys, tmp_path) as (_port, _it, sftp):
            with pytest.raises(asyncssh.SFTPFailure, match="no file can have this name"):
                await sftp._handler._make_request(FXP_STAT, String(path))
            with pytest.raises(asyncssh.SFTPFailure, match="no file can have this name"):
                await sftp.listdir(path)

    asyncio.run(ask())


@pytest.mark.parametrize("offset", [2**63, 2**64 - 1])
def test_a_place_that_no_file_has_is_refused_in_words(host_keys, tmp_path, other, offset):
    async def ask():
        async with entered(host_keys, tmp_path) as (_port, _it, sftp):
            handle = String(await opened(sftp))
            for kind, more in ((FXP_READ, UInt32(1)), (FXP_WRITE, String(b"x"))):
                with pytest.raises(asyncssh.SFTPFailure, match="no file is so long"):
                    await sftp._handler._make_request(kind, handle, UInt64(offset), more)
            with pytest.raises(asyncssh.SFTPFailure, match="no file is so long"):
                await sftp.truncate("/a", offset)

    asyncio.run(ask())


def test_a_client_that_takes_no_answers_fills_no_memory(host_keys, tmp_path, other, monkeypatch):
    answered = []
    read = files.SpaceFiles.read
    monkeypatch.setattr(files.SpaceFiles, "read", lambda *given: answered.append(1) or read(*given))

    async def ask():
        ended = asyncio.Event()
        monkeypatch.setattr(files.SpaceFiles, "exit", lambda _files: ended.set())
        async with entered(host_keys, tmp_path) as (port, it, sftp):
            handle = String(await opened(sftp))
            it._transport.pause_reading()
            for _ in range(4_000):
                ask_and_forget(sftp, FXP_READ, handle, UInt64(0), UInt32(LONGEST))
            for _ in range(3):
                assert await another_gets_in(port) < MOST
            ended.clear()
            it.abort()
            await ended.wait()

    asyncio.run(ask())
    assert 1 <= len(answered) < 64  # a window of 2 MB and what lies in the lines


def test_thousands_of_questions_at_once_leave_others_their_turn(host_keys, tmp_path, other, monkeypatch):
    asked, answered, stat = 2_000, [], files.SpaceFiles.stat
    monkeypatch.setattr(files.SpaceFiles, "stat", lambda *given: answered.append(1) or stat(*given))

    async def ask():
        async with entered(host_keys, tmp_path) as (port, it, sftp):
            for _ in range(asked):
                ask_and_forget(sftp, FXP_STAT, String(b"/a" * 300))
            took, found = await another_gets_in(port), len(answered)
            it.abort()
            return took, found

    took, found = asyncio.run(ask())
    assert took < MOST
    assert 0 < found < asked


def test_writing_much_leaves_others_their_turn(host_keys, tmp_path, other):
    async def write(sftp, number):
        async with sftp.open(f"/{number}", "wb") as file:
            for _ in range(16):
                await file.write(os.urandom(1024) * 1024)

    async def ask():
        async with entered(host_keys, tmp_path) as (port, it, _sftp):
            async with contextlib.AsyncExitStack() as stack:
                sftps = [await stack.enter_async_context(it.start_sftp_client()) for _ in range(4)]
                writing = [asyncio.create_task(write(each, number)) for number, each in enumerate(sftps)]
                took = await another_gets_in(port)
                await asyncio.gather(*writing)
            return took

    assert asyncio.run(ask()) < MOST


def test_the_17th_folder_that_is_listed_at_a_time_is_refused(host_keys, tmp_path, other):
    async def ask():
        async with entered(host_keys, tmp_path) as (_port, _it, sftp):
            kept = [await sftp._handler.opendir(b"/") for _ in range(files.MOST_LISTINGS)]
            with pytest.raises(asyncssh.SFTPFailure, match="at most 16 folders"):
                await sftp.listdir("/")
            await sftp._handler.close(kept.pop())
            assert set(await sftp.listdir("/")) == {".", ".."}

    asyncio.run(ask())


def test_a_file_is_kept_by_the_disk_when_a_client_asks(host_keys, tmp_path, other):
    async def ask():
        async with entered(host_keys, tmp_path) as (_port, _it, sftp), sftp.open("/a", "wb") as file:
            await file.write(b"x")
            await file.fsync()

    asyncio.run(ask())
    assert (tmp_path / "shop" / "a").read_bytes() == b"x"
