"""What everything that `make run` starts costs while nothing happens."""

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from benchmarks.measuring import process_costs
from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import MANAGE, running, wait_for

METHOD: Final = """\
standing: `runall` with the demo account in a state folder of its own, after its first bundle has gone out. Memory
is the proportional set size of all its processes, PostgreSQL's too (what several share counts once); CPU is
theirs together, over {standing_seconds} s."""
SETTLED: Final = 15
MAILS: Final = 3
_ANY_PORT: Final = {"XMLD_WEB_PORT": "0", "XMLD_SFTP_PORT": "0", "XMLD_CATCHER_PORT": "0"}


def _megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def measure(sizes: Sizes) -> Iterator[Row]:
    """Start it, let it settle, weigh it."""
    with tempfile.TemporaryDirectory(prefix="xmld-bench-run-") as folder:
        Path(folder).chmod(0o755)
        variables = {"XMLD_STATE_DIR": folder, "XMLD_DEMO": "1", "XMLD_STOP_SECONDS": "8", "DATABASE_URL": ""}
        with running(*MANAGE, "runall", **variables, **_ANY_PORT) as process:
            mails = Path(folder, "mail")
            wait_for(lambda: len(list(mails.glob("*.eml"))) >= MAILS, "the first bundle's mails")
            time.sleep(SETTLED)
            pids = json.loads(Path(folder, "run.json").read_text(encoding="utf-8"))["pids"]
            everybody = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            weight = sum(_megabytes(each) for each in everybody)
            before, began = process_costs.cpu(pids["supervisor"]), time.monotonic()
            time.sleep(sizes.standing_seconds)
            load = 100 * (process_costs.cpu(pids["supervisor"]) - before) / (time.monotonic() - began)
            os.kill(process.pid, signal.SIGTERM)
    yield Row("everything that make run starts, memory", weight, "MB", at_most=450)
    yield Row("everything that make run starts, CPU", load, "% of a core", at_most=6)
