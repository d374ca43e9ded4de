"""What it costs that no unfinished request holds a thread."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MANAGE, answers, free_port, running, wait_for

METHOD: Final = """\
web: GET over {web_connections} kept connections, {web_requests:,} answers a round, the best of {rounds} rounds
taken in turn: `serve`, which checks and completes every request before a thread sees it, against granian's own WSGI
with as many workers and threads on the same Django. The probe is a hit that does nothing, so that only the way to
it is counted; the page is the log-in page."""
BARE: Final = (
    "import sys; from granian import Granian; from granian.constants import Interfaces;"
    " from granian.log import LogLevels; Granian('xmld_project.wsgi:application', port=int(sys.argv[1]),"
    " interface=Interfaces.WSGI, workers=2, blocking_threads=4, log_level=LogLevels.warn).serve()"
)
PATHS: Final = (("an empty hit", "/healthz", 1, 0.75), ("an ordinary page", "/admin/login/", 10, 0.9))


async def _client(port: int, path: str, count: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    raw = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    for _ in range(count):
        writer.write(raw)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


async def _round(port: int, path: str, connections: int, count: int) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(_client(port, path, count // connections) for _ in range(connections)))
    return count / (time.perf_counter() - began)


def measure(sizes: Sizes) -> Iterator[Row]:
    """Hold both servers up and ask them in turn."""
    ours, bare = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        stack.enter_context(running(*MANAGE, "serve", XMLD_WEB_PORT=str(ours)))
        stack.enter_context(running(sys.executable, "-c", BARE, str(bare)))
        for port in (ours, bare):
            wait_for(lambda port=port: answers(port), "a web server")  # type: ignore[misc]  # mypy: the default
        for what, path, heavier, least in PATHS:
            best = {ours: 0.0, bare: 0.0}
            for _ in range(sizes.rounds):
                for port in (ours, bare):
                    rate = asyncio.run(_round(port, path, sizes.web_connections, sizes.web_requests // heavier))
                    best[port] = max(best[port], rate)
            yield Row(f"{what} through the limits", best[ours], "/s", best[ours] / best[bare], at_least=least)
