"""Python's garbage collector beside a load: rows come and go by the thousand and hold no circles."""

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_SELDOM: Final = 50_000  # objects; rows of some 12 batches


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Let the collector look for circles seldom within a block: looking at each batch took a third of the work."""
    before = gc.get_threshold()
    if before[0] >= _SELDOM:  # another load of this process has asked for it, and takes it back
        yield
        return
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
