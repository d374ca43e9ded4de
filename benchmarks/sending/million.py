"""A very large delivery against an ordinary one. Asked for by name only: it takes minutes."""

import os
from collections.abc import Iterator
from typing import Final

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.sending import mailing
from benchmarks.sending.sending_run import send
from benchmarks.sending.sink import sink

METHOD: Final = """\
million: the message of `sending` {many:,} times in one delivery, by a sender a core, against {messages:,} times:
CPU of senders, PostgreSQL and sink together a message, and the largest sender's memory at its end."""


def measure(sizes: Sizes) -> Iterator[Row]:
    """Send few, then many."""
    senders = os.cpu_count() or 1
    with sink() as server:
        few = send(server, mailing.paused(sizes.messages), senders)
        many = send(server, mailing.paused(sizes.many), senders)
    yield Row(f"CPU a message of {sizes.messages:,}", few.cpu_of_all, "us")
    ratio = many.cpu_of_all / few.cpu_of_all
    yield Row(f"CPU a message of {sizes.many:,}", many.cpu_of_all, "us", ratio, at_most=1.2)
    yield Row(f"rate of {sizes.many:,}", many.rate, "messages/s", many.rate / few.rate)
    yield Row("memory of a sender in it", many.memory, "MB", at_most=150)
