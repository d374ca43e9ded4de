"""Postfix's smtp-sink, which takes everything, and its smtp-source."""

import contextlib
import os
import resource
import sys
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.measuring.processes import answers, free_port, program, run_through, running, wait_for
from benchmarks.measuring.stopwatch import seconds

LONGEST = 600


class Sink(NamedTuple):
    """A server that takes everything on this port of loopback, and its process."""

    port: int
    pid: int


@contextlib.contextmanager
def sink(*how: str) -> Iterator[Sink]:
    """Hold an smtp-sink up on loopback, with further options of its own."""
    port = free_port()
    user = ("-u", "nobody") if os.geteuid() == 0 else ()
    with running(program("smtp-sink"), *user, *how, f"127.0.0.1:{port}", "512") as process:
        wait_for(lambda: answers(port), "smtp-sink")
        yield Sink(port, process.pid)


@contextlib.contextmanager
def slow_sink(milliseconds: int, every: int) -> Iterator[Sink]:
    """Hold a server up that answers after a while, each `every`th message with a 4xx (0: none)."""
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.sending.slow_sink", str(port), str(milliseconds), str(every))
    with running(*command) as process:
        wait_for(lambda: answers(port), "the slow sink")
        yield Sink(port, process.pid)


class Source(NamedTuple):
    """What smtp-source made: messages a second, and microseconds of its CPU for each."""

    rate: float
    cpu: float


def source(port: int, sessions: int, messages: int, size: int) -> Source:
    """Send one constant text as often by smtp-source, connections kept open (-d)."""
    how = ("-d", "-s", str(sessions), "-m", str(messages), "-l", str(size))
    command = [program("smtp-source"), *how, "-f", "a@shop.example", "-t", "b@to.example", f"127.0.0.1:{port}"]
    before = _children()
    took = seconds(lambda: run_through(command, LONGEST))
    return Source(messages / took, (_children() - before) / messages * 1e6)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
