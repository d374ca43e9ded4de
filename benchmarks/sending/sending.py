"""Sending a delivery."""

import os
from collections.abc import Iterator
from typing import Final

from benchmarks.measuring.figures import Row, Sizes
from benchmarks.sending import mailing
from benchmarks.sending.sending_run import Sent, send
from benchmarks.sending.sink import Sink, Source, sink, source

METHOD: Final = """\
sending: {messages:,} personalised messages of 20 KB in two parts, six values, ten tracked links (one with a value
of the person), pixel and unsubscription, out of PostgreSQL with its ledger, by a sender a core, against
`smtp-source -d` with one constant text of that size in 10, 48 or 96 sessions, both into the same smtp-sink.
{rounds} rounds, alternating; the best rate of either counts, ours from first intent to last outcome. CPU is of the
best round; its ratio is the share of all, and in the rows of other messages what they cost against the first."""
SESSIONS: Final = (10, 48, 96)
SIZE: Final = 20_000


def measure(sizes: Sizes) -> Iterator[Row]:
    """Alternate smtp-source in three ways and our senders."""
    senders = os.cpu_count() or 1
    theirs: dict[int, list[Source]] = {sessions: [] for sessions in SESSIONS}
    ours: list[Sent] = []
    with sink() as server:
        for _round in range(sizes.rounds):
            for sessions, made in theirs.items():
                made.append(source(server.port, sessions, sizes.messages, SIZE))
            ours.append(send(server, mailing.paused(sizes.messages), senders))
        best = max(made.rate for each in theirs.values() for made in each)
        for sessions, each in theirs.items():
            rate = max(made.rate for made in each)
            yield Row(f"smtp-source -d -s {sessions}", rate, "messages/s", rate / best)
        sent = max(ours, key=lambda one: one.rate)
        yield Row(f"sender x {senders}", sent.rate, "messages/s", sent.rate / best, at_least=0.8)
        yield from _cpu(sent)
        yield from _variants(server, sizes, senders, sent)


def _cpu(sent: Sent) -> Iterator[Row]:
    for name, each in sent.cpu.items():
        yield Row(f"CPU a message: {name}", each, "us", each / sent.cpu_of_all)


def _variants(server: Sink, sizes: Sizes, senders: int, plain: Sent) -> Iterator[Row]:
    """Send the same with more in it; the ratio is of the CPU a message."""
    heavier = {
        "the same with a person's value in each link": mailing.paused(sizes.messages, own_links=10),
        "the same, signed (DKIM rsa-2048)": mailing.signed(mailing.paused(sizes.messages)),
    }
    for what, delivery in heavier.items():
        sent = send(server, delivery, senders)
        yield Row(f"{what}, rate", sent.rate, "messages/s")
        yield Row(f"{what}, CPU a message", sent.cpu_of_all, "us", sent.cpu_of_all / plain.cpu_of_all)
