"""What it costs that many pages watch a large delivery go out."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import resolve

from benchmarks.measuring import process_costs
from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MANAGE, MeasurementError, answers, free_port, running, wait_for
from benchmarks.statistics import made_accounts, made_deliveries
from deliveries.models import Delivery
from recipients.models import Membership, Role, User

METHOD: Final = """\
watching: {watchers} pages of one delivery of {page_messages:,} messages that goes out, each asking `serve` each 2 s
as the page's script does, for {watching_seconds} s: CPU of the web server, and of the part alone, its view called
in a process, which a stream of server-sent events would have to make as often for as many readers."""
EVERY: Final = 2.0
CALLS: Final = 20
_SLOW: Final = 300  # ms


def measure(sizes: Sizes) -> Iterator[Row]:
    """Let them watch, then make the part alone."""
    row = made_deliveries.delivery("Watched", sizes.page_messages, account="Watched")
    made_accounts.set_going(row)
    user = User.objects.create(username="watcher")
    Membership.objects.create(account=row.account, user=user, role=Role.OPERATOR)
    port = free_port()
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(running(*MANAGE, "serve", XMLD_WEB_PORT=str(port)))
        wait_for(lambda: answers(port), "a web server")
        request = _request(user, f"/admin/deliveries/delivery/{row.pk}/live/")
        asyncio.run(_watch(port, request, 1, EVERY))  # the first one loads the pages
        before, began = process_costs.cpu(process.pid), time.perf_counter()
        waits = asyncio.run(_watch(port, request, sizes.watchers, sizes.watching_seconds))
        used = (process_costs.cpu(process.pid) - before) / (time.perf_counter() - began)
    yield Row(f"{sizes.watchers} pages that watch, CPU of the web server", 100 * used, "% of a core")
    yield Row("their answers, median", 1000 * statistics.median(waits), "ms", at_most=_SLOW)
    alone = _alone(user, row) * sizes.watchers / EVERY
    yield Row("the part alone as often, CPU", 100 * alone, "% of a core", alone / used)


def _request(user: User, path: str) -> bytes:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


async def _watch(port: int, request: bytes, watchers: int, seconds: float) -> list[float]:
    """Return how long each answer took; the pages were opened one after the other, as people do."""
    until = time.perf_counter() + seconds
    pages = (_page(port, request, number * EVERY / watchers, until) for number in range(watchers))
    return [wait for waits in await asyncio.gather(*pages) for wait in waits]


async def _page(port: int, request: bytes, first: float, until: float) -> list[float]:
    waits: list[float] = []
    await asyncio.sleep(first)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (began := time.perf_counter()) < until:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise MeasurementError(head.partition(b"\r\n")[0].decode())
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(EVERY)
    writer.close()
    return waits


def _alone(user: User, row: Delivery) -> float:
    """Return the CPU seconds of this process for the part, without server, session and middleware."""
    found = resolve(f"/admin/deliveries/delivery/{row.pk}/live/")
    request: Any = RequestFactory().get("/")
    request.user, request.session = user, {}
    found.func(request, **found.kwargs).render()
    began = time.process_time()
    for _call in range(CALLS):
        found.func(request, **found.kwargs).render()
    connection.close()
    return (time.process_time() - began) / CALLS
