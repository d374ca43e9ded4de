"""One load in a process of its own: `python -m benchmarks.loading.one_load FILE NAME` prints seconds and MB."""
# ruff: noqa: E402  Django is set up first

import resource
import sys
from pathlib import Path

import django

django.setup()

from benchmarks.measuring import shop_list
from benchmarks.measuring.stopwatch import seconds
from recipients import tables
from recipients.loading import Dialect, load_csv
from recipients.loading.results import LoadResult


def peak() -> float:
    """Return this program's highest resident memory in MB; getrusage would count its parent's before the exec."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return int(status.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) / 1024


def main(path: Path, name: str) -> None:
    """Load into a new database, which is dropped again."""
    database = shop_list.database("Bench of loading", name)
    results: list[LoadResult] = []
    dialect = Dialect(separator=",")
    took = seconds(lambda: results.append(load_csv(database, path, dialect, code="XMLD-1-N", limit=0.1)))
    if results[0].bad:
        sys.exit(str(results[0].faults[0]))
    print(took, peak())
    tables.drop(database)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
