"""Postfix's smtp-sink, which takes everything, and its smtp-source."""

import contextlib
import os
import subprocess
from collections.abc import Iterator

from benchmarks.processes import answers, free_port, program, running, wait_for
from benchmarks.stopwatch import seconds

LONGEST = 600


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """Hold an smtp-sink up on loopback; yields its port."""
    port = free_port()
    user = ("-u", "nobody") if os.geteuid() == 0 else ()
    with running(program("smtp-sink"), *user, f"127.0.0.1:{port}", "512"):
        wait_for(lambda: answers(port), "smtp-sink")
        yield port


def source_rate(port: int, sessions: int, messages: int, size: int) -> float:
    """Return messages a second of smtp-source: one constant text, connections kept open (-d)."""
    how = ("-d", "-s", str(sessions), "-m", str(messages), "-l", str(size))
    command = [program("smtp-source"), *how, "-f", "a@shop.example", "-t", "b@to.example", f"127.0.0.1:{port}"]
    return messages / seconds(lambda: subprocess.run(command, check=True, timeout=LONGEST))
