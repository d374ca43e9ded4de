"""Sending to relays that are slow, or put off what comes."""

import os
from collections.abc import Iterator
from typing import Final

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.sending import mailing
from benchmarks.sending.sending_run import Sent, send
from benchmarks.sending.sink import slow_sink

METHOD: Final = """\
relays: the message of `sending` to a server that answers each final dot after {answer_milliseconds} ms, by one
sender and by more: the ratio is the rate against so many times one sender's. Then to a server that answers every
tenth dot with a 4xx, by two senders: {messages:,} first attempts, and what each cost."""
SENDERS: Final = (1, 4, 8)
TENTH: Final = 10
CORES: Final = os.cpu_count() or 1
FULL: Final = 0.75
# What a sender sends in some seconds: connections by the answer's time.
EACH: Final = 4_000


def measure(sizes: Sizes) -> Iterator[Row]:
    """Send by more and more senders, then to a server that puts off."""
    made: dict[int, Sent] = {}
    with slow_sink(sizes.answer_milliseconds, 0) as server:
        for senders in SENDERS:
            sent = made[senders] = send(server, mailing.paused(EACH * senders), senders)
            linear = made[1].rate * senders
            what = f"answers after {sizes.answer_milliseconds} ms: {senders} senders"
            spare = sent.cores < FULL * CORES  # the target is for as long as there is a core to spare
            yield Row(what, sent.rate, "messages/s", sent.rate / linear, at_least=0.9 if spare else None)
            yield Row("the same, cores in use (senders, PostgreSQL, server)", sent.cores, "cores")
    with slow_sink(0, TENTH) as server:
        sent = send(server, mailing.paused(sizes.messages), 2)
    yield Row("every tenth answer is a 4xx: first attempts", sent.rate, "messages/s")
    yield Row("every tenth answer is a 4xx: CPU a message", sent.cpu_of_all, "us")
