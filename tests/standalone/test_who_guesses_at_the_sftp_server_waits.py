"""Wrong passwords: what they take, how many there are, and whom they don't hinder."""

import asyncio
import time

import asyncssh
import pytest

from tests.standalone.bundled import OWN, client, server, url
from xmld_project.standalone.sftp_server import authentication
from xmld_project.standalone.sftp_server import pauses as sftp_pauses
from xmld_project.standalone.sftp_server.pauses import Pauses


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


def wrong(pauses, clock, times, address="a", name="shop"):
    """Give wrong passwords, each after the wait of the one before it."""
    waited = []
    for _try in range(times):
        waited.append(pauses.begin(address, name))
        clock.now += waited[-1]
    return waited


def test_three_are_free_then_the_pause_doubles_up_to_its_longest():
    clock = Clock()
    pauses = Pauses(clock)
    assert wrong(pauses, clock, 9) == [0, 0, 0, 0.5, 1, 2, 4, 5, 5]
    assert pauses.begin("b", "shop") == 0
    assert pauses.begin("a", "other") == 0


def test_tries_at_once_wait_one_after_another():
    pauses = Pauses(Clock())
    assert [pauses.begin("a", "shop") for _try in range(7)] == [0, 0, 0, 0.5, 1.5, 3.5, 7.5]


def test_an_address_that_tries_many_names_waits_in_the_end_too():
    pauses = Pauses(Clock())
    assert [pauses.begin("a", f"name{number}") for number in range(33)] == [0] * 30 + [0.5, 1.5, 3.5]


def test_a_right_password_makes_nobody_wait_and_forgives_nothing():
    clock = Clock()
    pauses = Pauses(clock)
    wrong(pauses, clock, 4)
    assert wrong(pauses, clock, 1) == [1]
    pauses.was_right("a", "shop")
    assert wrong(pauses, clock, 1) == [1]
    for _right in range(40):
        assert pauses.begin("b", "shop") == 0
        pauses.was_right("b", "shop")


def test_ten_quiet_minutes_begin_anew():
    clock = Clock()
    pauses = Pauses(clock)
    wrong(pauses, clock, 9)
    clock.now += 590
    assert wrong(pauses, clock, 1) == [5]
    clock.now += 601
    assert pauses.begin("a", "shop") == 0


def test_of_too_many_addresses_the_one_that_was_silent_longest_is_forgotten():
    clock = Clock()
    pauses = Pauses(clock)
    wrong(pauses, clock, 9, "guesser")
    pauses.begin("silent", "shop")
    for number in range(500):
        pauses.begin(f"192.0.2.{number}", "shop")
        wrong(pauses, clock, 1, "guesser")
    assert len(pauses._known) == 1_000
    assert ("silent",) not in pauses._known
    assert wrong(pauses, clock, 1, "guesser") == [5]


class Guesser(asyncssh.SSHClient):
    """Gives one password after another on the same connection."""

    def __init__(self, guesses):
        self.guesses, self.given = list(guesses), 0

    def password_auth_requested(self):
        self.given += 1
        return self.guesses.pop(0) if self.guesses else None

    def kbdint_auth_requested(self):
        return None


def guess(host_keys, folder, guesses, **rules):
    """Return whether one of them opened, how many were given and how long it took."""
    guesser = Guesser(guesses)

    async def enter():
        async with server(host_keys, folder, url=url(), **rules) as port:
            try:
                async with client(port, client_factory=lambda: guesser):
                    return True
            except asyncssh.PermissionDenied:
                return False

    began = time.monotonic()
    return asyncio.run(enter()), guesser.given, time.monotonic() - began


def test_a_connection_ends_with_the_third_wrong_password(host_keys, tmp_path, space):
    opened, given, took = guess(host_keys, tmp_path, ["wrong"] * 9 + ["right"])
    assert (opened, given) == (False, 3)
    assert took > 3 * authentication.WRONG_TAKES


def test_the_third_may_be_the_right_one(host_keys, tmp_path, space):
    assert guess(host_keys, tmp_path, ["wrong", "wrong", "right"])[:2] == (True, 3)


def test_an_address_that_guessed_waits_also_on_another_connection(host_keys, tmp_path, space):
    pauses = Pauses()
    for _wrong in range(5):
        pauses.begin("127.0.0.1", "shop")
    opened, _given, took = guess(host_keys, tmp_path, ["right"], pauses=pauses)
    assert opened
    assert took > 2


def test_neither_another_address_nor_the_product_itself_waits_for_who_guesses(
    host_keys, tmp_path, space, monkeypatch
):
    monkeypatch.setattr(sftp_pauses, "LONGEST", 3_600.0)
    monkeypatch.setattr(sftp_pauses, "FIRST", 3_600.0)
    monkeypatch.setattr(authentication, "LONGEST_WAIT", 3_600.0 * 20)
    pauses = Pauses()
    for address in ("192.0.2.1", "127.0.0.1"):
        for _wrong in range(9):
            pauses.begin(address, "shop")
    assert guess(host_keys, tmp_path, [OWN], pauses=pauses)[0]

    async def enter(port):
        async with client(port, password="right"):
            pass

    async def both():
        async with server(host_keys, tmp_path, url=url(), pauses=pauses) as port:
            waiting = asyncio.create_task(enter(port))
            async with client(port, password="right", local_addr=("127.0.0.2", 0)):
                assert not waiting.done()
            waiting.cancel()

    asyncio.run(both())


def test_a_connection_that_tries_one_name_after_another_is_ended(host_keys, tmp_path, space):
    names = []

    class Changing(Guesser):
        def connection_made(self, conn):
            self._connection = conn

        def password_auth_requested(self):
            names.append(self._connection._username)
            self._connection._username = f"name{len(names)}"
            return "wrong"

    async def enter():
        async with server(host_keys, tmp_path, url=url()) as port:
            with pytest.raises(asyncssh.PermissionDenied, match="too many"):
                async with client(port, client_factory=lambda: Changing([])):
                    pass

    asyncio.run(enter())
    assert len(names) <= 3
