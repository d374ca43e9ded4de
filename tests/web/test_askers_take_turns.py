"""One asker, whatever it asks for and how often, leaves the others their threads and their place in the line."""

import asyncio
import threading

import pytest

from xmld_project.web import pools
from xmld_project.web.admission import Refused
from xmld_project.web.pools import Pool
from xmld_project.web.proxies import Visitor

FLOOD = "192.0.2.1"


def with_pool(ask, threads=4):
    """Run `ask` with a pool, and the work that goes on until it is let go."""

    async def run():
        pool, going = Pool("test", threads), threading.Event()
        try:
            return await asyncio.wait_for(ask(pool, going.wait), 30)
        finally:
            going.set()
            pool.close()

    return asyncio.run(run())


def begin(pool, who, work, times):
    return [asyncio.ensure_future(pool.run(who, work)) for _ in range(times)]


def test_who_asks_for_what_takes_long_leaves_a_thread_to_others():
    async def ask(pool, long):
        begin(pool, FLOOD, long, 50)
        return [await pool.run("198.51.100.7", lambda number=number: number) for number in range(20)]

    assert with_pool(ask) == list(range(20))


def test_who_asks_too_often_is_refused_and_nobody_else():
    async def ask(pool, long):
        asked = begin(pool, FLOOD, long, 3 + pools.MOST_OF_ONE)
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await pool.run(FLOOD, long)
        assert not any(each.done() for each in asked)
        return refused.value.status, await pool.run("198.51.100.7", lambda: "here")

    assert with_pool(ask) == (503, "here")


def test_lines_are_served_in_turn():
    async def ask(pool, long):
        order = []
        hold = begin(pool, "held", long, 1)
        await asyncio.sleep(0)
        waiting = [
            asyncio.ensure_future(pool.run(who, order.append, f"{who}{number}"))
            for who in "abc"
            for number in range(3)
        ]
        await asyncio.sleep(0)
        assert order == []
        long.__self__.set()
        await asyncio.gather(*hold, *waiting)
        return order

    assert with_pool(ask, threads=1) == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]


def test_what_the_work_raises_is_the_askers_and_frees_the_thread():
    async def ask(pool, _long):
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                await pool.run("a", lambda: 1 / 0)
        return await pool.run("a", lambda: "well")

    assert with_pool(ask, threads=1) == "well"


def test_of_many_askers_all_together_there_is_a_bound_too(monkeypatch):
    monkeypatch.setattr(pools, "MOST_OF_ONE", 2)

    async def ask(_pool, long):
        pool = Pool("small", 1, most_waiting=4)
        asked = [begin(pool, f"192.0.2.{number}", long, 1) for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(Refused):
            await pool.run("198.51.100.7", long)
        long.__self__.set()
        await asyncio.gather(*(each for one in asked for each in one))
        pool.close()

    with_pool(ask)


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::/64"),
        ("", ""),
        ("fe80::1%eth0", "fe80::/64"),
        ("/run/web", "/run/web"),
    ],
)
def test_an_asker_is_an_address_or_an_ipv6_site(address, site):
    assert Visitor(address, "http").site == site
