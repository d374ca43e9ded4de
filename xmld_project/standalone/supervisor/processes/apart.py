"""Work done once, in a process of its own: what it has loaded is gone with it."""

import os
import pickle
import sys
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def call(work: Callable[[], Result], fault: type[Exception]) -> Result:
    """Return what `work` returns in a forked process; raises `fault` with its sentence where it raised that."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _work(work, fault, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _pid, status = os.waitpid(pid, 0)
    if not said:
        raise fault(f"the start was cut short (code {os.waitstatus_to_exitcode(status)})")
    sentence, result = pickle.loads(said)  # noqa: S301  our own child wrote it
    if sentence is not None:
        raise fault(sentence)
    return result  # type: ignore[no-any-return]  # what `work` returned


def _work(work: Callable[[], object], fault: type[Exception], writing: int) -> None:
    code = 1
    try:
        try:
            said: tuple[str | None, object] = (None, work())
        except fault as error:
            said = (str(error), None)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(said, pipe)
        code = 0
    except BaseException:  # noqa: BLE001  as Python itself ends
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
