"""How long a client waits for the first message, and an operator for the product."""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Final

import psycopg

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import wait_for
from benchmarks.measuring.stopwatch import seconds
from benchmarks.whole_product import bundles
from tests.product import Product

METHOD: Final = """\
latency: the whole product (`runall`, one sender) with its own SFTP server and relay, a space polled each 5 s: from
the put of `.ok` until the relay has the first of 10 messages, then until it has a transactional mail of one person;
{rounds} rounds, the first put just after a poll, the others spread over the interval; the worst counts. Before
that, from the start of `runall` to `ready`."""
POLL: Final = 5
SLACK: Final = 2
STARTS: Final = 3
LOOK: Final = 0.01


class Relay:
    """The mails that the catcher has taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = self._count()

    def _count(self) -> int:
        return sum(1 for _mail in self._folder.glob("*.eml"))

    def has(self, messages: int) -> Callable[[], bool]:
        """Return the question whether it has taken so many since."""
        return lambda: self._count() >= self._before + messages


def first_message(product: Product, stem: str, newsletter: int, recipients: int, *, transactional: bool) -> float:
    """Drop a bundle; returns the seconds from its semaphore to the first mail, once the last one is there."""
    bundle = bundles.files(stem, newsletter, recipients=recipients, transactional=transactional)
    relay = Relay(product.state / "mail")
    with product.sftp(bundles.SPACE, bundles.SPACE) as client:
        for name, data in bundle.items():
            with client.open(f"/{name}", "wb") as file:
                file.write(data)
        began = time.perf_counter()
        client.open(f"/{stem}.ok", "wb").close()
        wait_for(relay.has(1), "the first message", pause=LOOK)
        took = time.perf_counter() - began
    wait_for(relay.has(recipients), "the last message")
    return took


def wait_for_a_poll(product: Product) -> None:
    """Return just after a poll of the space has begun."""
    with psycopg.connect(product.run_json["database_url"], autocommit=True) as connection:

        def last() -> datetime | None:
            found = connection.execute("SELECT max(last_poll_at) FROM deliveries_sftpspace").fetchone()
            return found[0] if found else None

        before = last()
        wait_for(lambda: last() != before, "a poll", pause=LOOK)


def restarted(product: Product) -> float:
    """Stop the product, then return the seconds of its next start."""
    product.stop()
    return seconds(product.start)


def provision(product: Product) -> dict[str, int]:
    """Make the account and its space; returns the ids of its newsletters."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(bundles.ACCOUNT % POLL)
        file.flush()
        ids: dict[str, int] = product.command("provision", file.name).json["newsletters"]
        return ids


def measure(sizes: Sizes) -> Iterator[Row]:
    """Start the product a few times, then drop bundles on it."""
    product = Product(XMLD_DEMO="0")
    try:
        yield Row("runall to ready, on a new state folder", seconds(product.start), "s")
        starts = [restarted(product) for _start in range(STARTS)]
        yield Row(f"runall to ready, again on that folder, median of {STARTS}", median(starts), "s")
        newsletters = provision(product)
        waits, single = [], []
        for number in range(sizes.rounds):
            wait_for_a_poll(product)
            time.sleep(POLL * number / sizes.rounds)
            offers = newsletters["Offers"]
            waits.append(first_message(product, f"round{number}", offers, bundles.RECIPIENTS, transactional=False))
            receipts = newsletters["Receipts"]
            single.append(first_message(product, f"receipt{number}", receipts, 1, transactional=True))
    finally:
        product.clear()
    yield Row(".ok to the first message accepted, median", median(waits), "s")
    yield Row(".ok to the first message accepted, worst", max(waits), "s", at_most=POLL + SLACK)
    yield Row(".ok to a transactional mail of one person, median", median(single), "s")
    yield Row(".ok to a transactional mail of one person, worst", max(single), "s", at_most=POLL + SLACK)
