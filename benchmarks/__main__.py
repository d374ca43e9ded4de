"""Measures everything, or the groups that are named: make bench ARGS="loading parsing --rows 10000"."""

import argparse
import importlib
import os
import platform
import signal
import sys
from dataclasses import asdict, fields
from types import FrameType
from typing import Final, NoReturn

from benchmarks.measuring import environment, table
from benchmarks.measuring.figures import Sizes
from benchmarks.measuring.processes import MeasurementError

# The room of each group; its module has the group's name, METHOD and measure().
GROUPS: Final = {
    **dict.fromkeys(("parsing", "loading", "audience", "fetching"), "loading"),
    **dict.fromkeys(("composing", "sending", "relays"), "sending"),
    **dict.fromkeys(("idle", "latency", "web", "standing", "watching"), "whole_product"),
    **dict.fromkeys(("hits", "reports", "counting", "pages"), "statistics"),
}

# Measured only where they are named.
LONG: Final = {"million": "sending"}
_CHOICE: Final = f"all but the long ones, or some of: {', '.join((*GROUPS, *LONG))}"


def asked(arguments: list[str]) -> tuple[list[str], Sizes]:
    """Return the groups and sizes that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=_CHOICE)
    for size in fields(Sizes):
        option = f"--{size.name.replace('_', '-')}"
        parser.add_argument(option, type=int, default=size.default, help=f"default {size.default:,}")
    given = vars(parser.parse_args(arguments))
    groups = given.pop("groups") or list(GROUPS)
    strange = [name for name in groups if name not in GROUPS | LONG]
    if strange:
        parser.error(f"{strange[0]}: {_CHOICE}")
    return groups, Sizes(**given)


def say(line: str = "") -> None:
    """Print a line at once: a measurement takes minutes."""
    print(line, flush=True)


def measure(groups: list[str], sizes: Sizes) -> None:
    """Print the table, a group after the other; the modules are loaded once Django is set up."""
    with environment.prepared():
        versions = f"Python {platform.python_version()}, PostgreSQL {environment.postgres_version()} (embedded)"
        say(f"{os.cpu_count()} cores ({platform.machine()}), {versions}")
        say()
        say(table.HEAD)
        rows = []
        for name in groups:
            group = importlib.import_module(f"benchmarks.{(GROUPS | LONG)[name]}.{name}")
            say()
            say(group.METHOD.format(**asdict(sizes)))
            for row in group.measure(sizes):
                say(table.line(row))
                rows.append(row)
    say()
    with_target = [row for row in rows if row.target]
    say(f"{sum(not row.missed for row in with_target)} of {len(with_target)} targets met")


def _go(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit("stopped")


def main() -> None:
    """Measure; SIGTERM and Ctrl-C clean up as an ordinary end does."""
    signal.signal(signal.SIGTERM, _go)
    groups, sizes = asked(sys.argv[1:])
    try:
        measure(groups, sizes)
    except MeasurementError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("stopped")


if __name__ == "__main__":
    main()
