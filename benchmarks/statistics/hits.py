"""Opens and clicks a second, and whether the classifier keeps up with them."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import uvloop
from django.db import connection

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MANAGE, answers, free_port, running, wait_for
from benchmarks.statistics import made_deliveries
from deliveries import tokens
from deliveries.models import Delivery, Hit, Message
from deliveries.tokens import Purpose
from deliveries.tracking.classifier.classify import classify

METHOD: Final = """\
hits: requests of 32 connections, 3 s for each figure, against `/healthz`, a Django view that does nothing, on the
same server; three rounds, alternating, the best of either. Then one process classifies all that came."""
CONNECTIONS: Final = 32
SECONDS: Final = 3.0
PEOPLE: Final = 2_000
_HEAD: Final = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11) Firefox/131.0\r\n\r\n"


class _Asker(asyncio.Protocol):
    """One connection that asks for the next address as soon as the last is answered."""

    def __init__(self, requests: Sequence[bytes], number: int, until: float) -> None:
        self.requests, self.at, self.until = requests, number, until
        self.waits: list[float] = []
        self.asked_at, self.rest = 0.0, b""
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def _ask(self) -> None:
        self.at = (self.at + CONNECTIONS) % len(self.requests)
        self.asked_at = time.monotonic()
        self.transport.write(self.requests[self.at])

    def data_received(self, data: bytes) -> None:
        self.rest += data
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self.rest = b""
        now = time.monotonic()
        self.waits.append(now - self.asked_at)
        if now < self.until:
            self._ask()
        else:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self.over.set_result(self.waits)


def _maker(requests: Sequence[bytes], number: int, until: float) -> Callable[[], _Asker]:
    return lambda: _Asker(requests, number, until)


async def _ask_all(port: int, requests: Sequence[bytes]) -> tuple[float, float]:
    """Return requests a second, and within how many milliseconds 99 of 100 were answered."""
    loop, began = asyncio.get_running_loop(), time.monotonic()
    askers = []
    for number in range(CONNECTIONS):
        maker = _maker(requests, number, began + SECONDS)
        _transport, asker = await loop.create_connection(maker, "127.0.0.1", port)
        askers.append(asker)
    waits = sorted([wait for asker in askers for wait in await asker.over])
    return len(waits) / (time.monotonic() - began), 1_000 * waits[len(waits) * 99 // 100]


def _rate(port: int, paths: Sequence[str]) -> tuple[float, float]:
    return uvloop.run(_ask_all(port, [_HEAD.format(path).encode() for path in paths]))


def _paths(delivery: Delivery) -> dict[str, list[str]]:
    ids = list(Message.objects.filter(delivery=delivery).order_by("id").values_list("id", flat=True)[:PEOPLE])
    return {
        "a view that does nothing": ["/healthz"],
        "opens": [f"/o/{tokens.make(Purpose.OPEN, message)}" for message in ids],
        "clicks": [f"/c/{tokens.make_click(delivery.pk, one, 1 + n % 5, None)}" for n, one in enumerate(ids)],
    }


def measure(sizes: Sizes) -> Iterator[Row]:
    """Ask the server in three ways, then classify what came."""
    delivery = made_deliveries.delivery("hits", PEOPLE)
    paths = _paths(delivery)
    best = dict.fromkeys(paths, (0.0, 0.0))
    port = free_port()
    with running(*MANAGE, "serve", XMLD_WEB_PORT=str(port)):
        wait_for(lambda: answers(port), "the web server")
        for _round in range(min(sizes.rounds, 3)):
            for name, asked in paths.items():
                best[name] = max(best[name], _rate(port, asked))
    nothing, opens, clicks = (best[name][0] for name in ("a view that does nothing", "opens", "clicks"))
    yield Row("a Django view that does nothing", nothing, "requests/s")
    yield Row("opens", opens, "hits/s", opens / nothing, at_least=0.5)
    yield Row("99 of 100 of them within", best["opens"][1], "ms", at_most=100.0)
    yield Row("clicks", clicks, "hits/s", clicks / nothing, at_least=0.5)
    yield from _judging(max(opens, clicks))


def _judging(arriving: float) -> Iterator[Row]:
    waiting, began = Hit.objects.count(), time.perf_counter()
    while classify():
        pass
    rate = waiting / (time.perf_counter() - began)
    connection.close()
    yield Row(f"hits classified, {waiting:,} that came", rate, "hits/s", rate / arriving, at_least=1.0)
