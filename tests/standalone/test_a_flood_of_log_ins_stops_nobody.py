"""Strangers at the bundled SFTP server, many at once: the database, other clients and our polls notice nothing."""

import asyncio
import contextlib
import socket
import time

import asyncssh
import psycopg
import pytest

from deliveries.intake.sftp import connect
from deliveries.intake.sftp.session import Target
from tests.standalone.bundled import client, server, url
from xmld_project.standalone.sftp_server.startups import Startups

FLOOD = 500


async def guess(port):
    with contextlib.suppress(OSError, asyncssh.Error):
        async with client(port, username="shop", password="wrong", local_addr=("127.0.0.2", 0)):
            pass


async def peak_of_connections(name, stop):
    """Ask again and again how many connections the server holds."""
    peak = 0
    async with await psycopg.AsyncConnection.connect(url(), autocommit=True) as watching:
        while not stop.is_set():
            asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            peak = max(peak, (await (await watching.execute(asked, [name])).fetchone())[0])
            await asyncio.sleep(0.02)
    return peak


def test_hundreds_at_once_take_one_connection_and_another_client_gets_in(host_keys, tmp_path, space):
    async def flood():
        stop = asyncio.Event()
        async with server(host_keys, tmp_path, url=f"{url()}&application_name=flooded") as port:
            watching = asyncio.create_task(peak_of_connections("flooded", stop))
            guessing = [asyncio.create_task(guess(port)) for _ in range(FLOOD)]
            await asyncio.wait(guessing, timeout=0.5)
            began = time.process_time()
            async with client(port, password="right"):
                took = time.process_time() - began
            stop.set()
            for each in guessing:
                each.cancel()
            await asyncio.gather(*guessing, return_exceptions=True)
            return await watching, took

    peak, took = asyncio.run(flood())
    assert peak < 8
    assert took < 10  # seconds that both sides of all the others compute in this one process


def test_of_too_many_unproved_connections_the_oldest_is_dropped():
    dropped = []
    startups = Startups(most=4, of_an_address=2)
    for number in range(3):
        startups.begin(f"a{number}", "192.0.2.1", lambda number=number: dropped.append(f"a{number}"))
    assert dropped == ["a0"]
    for number in range(3):
        startups.begin(f"b{number}", f"198.51.100.{number}", lambda number=number: dropped.append(f"b{number}"))
    assert dropped == ["a0", "a1"]
    startups.end("a2")
    assert len(startups) == 3


def test_lines_that_say_nothing_leave_room_for_others(host_keys, tmp_path, space):
    async def silent():
        async with server(host_keys, tmp_path, url=url()) as port:
            lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
            async with client(port, password="right"):
                for _, line in lines:
                    line.close()
                return True

    assert asyncio.run(silent())


@pytest.mark.parametrize("identity", [{"password": "right"}, {"password": "wrong"}])
def test_where_the_database_is_away_nobody_is_told_that_a_password_is_wrong(host_keys, tmp_path, space, identity):
    async def enter():
        async with server(host_keys, tmp_path, url="postgresql://x@127.0.0.1:1/x") as port:
            with pytest.raises(asyncssh.ServiceNotAvailable):
                async with client(port, **identity):
                    pass

    asyncio.run(enter())


def test_a_database_that_was_started_anew_is_asked_again(host_keys, tmp_path, space):
    async def enter():
        async with server(host_keys, tmp_path, url=f"{url()}&application_name=ended") as port:
            async with client(port, password="right"):
                pass
            with psycopg.connect(url(), autocommit=True) as ending:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended'"
                assert ending.execute(ended).fetchall() == [(True,)]
            async with client(port, password="right"):
                return True

    assert asyncio.run(enter())


def test_our_own_polls_come_by_a_socket_that_no_stranger_reaches(tmp_path, settings):
    settings.STATE_DIR, settings.SFTP_PORT = tmp_path, 1
    settings.SFTP_SOCKET = tmp_path / "s"
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "sftp_polls").write_text("own")
    ours = Target("127.0.0.1", 1, "shop", "own", "", (), "/")
    theirs = Target("127.0.0.1", 1, "shop", "another", "", (), "/")
    assert connect._own_socket(ours) is None
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(settings.SFTP_SOCKET))
        listener.listen()
        with connect._own_socket(ours) as line:
            assert line.family == socket.AF_UNIX
        assert connect._own_socket(theirs) is None
