import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the seconds of the quickest of so many calls."""
    return min(seconds(work) for _round in range(rounds))
