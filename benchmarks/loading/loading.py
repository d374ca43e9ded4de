"""Loading a list into a database."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.loading import by_library
from benchmarks.measuring import environment, shop_list
from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.processes import ROOT, run_through
from benchmarks.measuring.stopwatch import seconds
from recipients import tables

METHOD: Final = """\
loading: {rows:,} rows of 12 columns: psql's \\copy into a plain text table without indexes, against load_csv into a
typed table with its indexes, in a process of its own; the best of {rounds} counts, of memory the worst. Then 20,000
rows by django-import-export, once. The same \\copy into the typed table is PostgreSQL's own share."""
FEW: Final = 20_000
LONGEST: Final = 900


def psql(words: str) -> None:
    """Have psql do this."""
    command = [str(environment.psql()), os.environ["DATABASE_URL"], "-qc", words]
    run_through(command, LONGEST)


def by_psql(path: Path) -> float:
    """Return the seconds of psql's copy into a new plain table."""
    psql(f"CREATE TABLE plain ({', '.join(f'{name} text' for name, _kind in shop_list.FIELDS)})")
    took = seconds(lambda: psql(f"\\copy plain from '{path}' (format csv, header)"))
    psql("DROP TABLE plain")
    return took


def into_ours(path: Path, name: str) -> float:
    """Return the seconds of psql's copy into a table like ours: what is PostgreSQL's own share."""
    database = shop_list.database("Bench of loading", name)
    names = ", ".join(name for name, _kind in shop_list.FIELDS)
    table = f"recipients_data.db_{database.pk} ({names})"
    took = seconds(lambda: psql(f"\\copy {table} from '{path}' (format csv, header)"))
    tables.drop(database)
    return took


def by_us(path: Path, name: str) -> tuple[float, float]:
    """Return seconds and peak MB."""
    command = [sys.executable, "-m", "benchmarks.loading.one_load", str(path), name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, timeout=LONGEST)
    took, memory = done.stdout.split()
    return float(took), float(memory)


def measure(sizes: Sizes) -> Iterator[Row]:
    """Alternate psql and load_csv, then compare rows a second with the library's."""
    with tempfile.TemporaryDirectory(prefix="xmld-bench-") as folder:
        many, few = Path(folder, "many.csv"), Path(folder, "few.csv")
        shop_list.write(many, sizes.rows)
        shop_list.write(few, FEW)
        copied, indexed, loads = [], [], []
        for number in range(sizes.rounds):
            copied.append(by_psql(many))
            indexed.append(into_ours(many, f"by psql {number}"))
            loads.append(by_us(many, f"many {number}"))
        quick = min(by_us(few, f"few {number}")[0] for number in range(sizes.rounds))
        slow = by_library.load(few, FEW)
        size = many.stat().st_size / 1e6
    ours, peer, share = min(loads)[0], min(copied), min(indexed)
    yield Row(f"psql \\copy of {size:.0f} MB into a plain table", peer, "s", 1.0)
    yield Row("the same into a typed table with its indexes", share, "s", share / peer)
    yield Row("load_csv into a typed table with its indexes", ours, "s", ours / peer, at_most=7)
    yield Row("load_csv, in psql's copies into the same table", ours, "s", ours / share, at_most=1.2)
    yield Row("its peak memory", max(memory for _took, memory in loads), "MB", at_most=150)
    yield Row("django-import-export, 20,000 rows", slow, "s")
    yield Row("load_csv, the same rows", quick, "s", quick / slow)
    gain = sizes.rows / ours * slow / FEW
    yield Row("load_csv's rows a second, in those of the library", sizes.rows / ours, "rows/s", gain, at_least=50)
