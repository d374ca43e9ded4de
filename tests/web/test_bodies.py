import asyncio

import pytest

from xmld_project.web import bodies
from xmld_project.web.admission import Refused
from xmld_project.web.bodies import Bodies


async def sent(*pieces):
    for piece in pieces:
        yield piece


async def begun_and_never_ended(begun):
    yield b"a"
    begun.set()
    await asyncio.Event().wait()


def received(*pieces, length):
    async def receive():
        with await Bodies().receive(sent(*pieces), length, "192.0.2.1") as body:
            return body.read()

    return asyncio.run(receive())


def refused(*pieces, length):
    with pytest.raises(Refused) as caught:
        received(*pieces, length=length)
    return caught.value.status


def test_a_body_is_whole_or_not_there():
    assert received(b"abc", b"def", length=6) == b"abcdef"
    assert refused(b"abc", length=6) == 400


def test_a_slow_body_is_given_up(monkeypatch):
    monkeypatch.setattr(bodies, "FIRST_SECONDS", 0.05)

    async def receive():
        await Bodies().receive(begun_and_never_ended(asyncio.Event()), 6, "192.0.2.1")

    with pytest.raises(Refused) as caught:
        asyncio.run(receive())
    assert caught.value.status == 408


@pytest.mark.parametrize(("bounds", "others"), [((1, 9), "192.0.2.1"), ((9, 1), "198.51.100.7")])
def test_of_too_many_the_oldest_is_given_up_and_the_newest_arrives(bounds, others):
    async def receive():
        kept, begun = Bodies(*bounds), asyncio.Event()
        slow = asyncio.create_task(kept.receive(begun_and_never_ended(begun), 6, "192.0.2.1"))
        await begun.wait()
        with await kept.receive(sent(b"new"), 3, others) as body:
            assert body.read() == b"new"
        with pytest.raises(Refused):
            await slow

    asyncio.run(receive())


def test_a_longer_body_may_take_longer():
    assert bodies.patience(0) == 10
    assert bodies.patience(64 * 1024) < 15
