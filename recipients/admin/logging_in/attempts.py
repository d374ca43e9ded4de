"""Failed log-ins, and requests of the API, counted in files that a machine's web processes share (reference 9).

A folder is a window of five minutes, a file in it one subject, a byte one attempt: a byte that is appended can't be
lost, and what is past goes with its folder.
"""

import contextlib
import logging
import math
import shutil
from pathlib import Path
from typing import Final

from django.utils.crypto import salted_hmac

from recipients import conf

WINDOW: Final = 300  # seconds
_log: Final = logging.getLogger(__name__)


def wait(subject: str, most: int, now: float) -> int:
    """Return for how many seconds a subject waits after `most` attempts in this window and the last, 0 for none."""
    number = int(now // WINDOW)
    this, last = _size(_place(number, subject)), _size(_place(number - 1, subject))
    if this + last < most:
        return 0
    # The window in which fewer than `most` are left of this one and the last.
    free = number + (2 if this >= most else 1)
    return math.ceil(free * WINDOW - now)


def take(subject: str, most: int, now: float) -> int:
    """Count an attempt before it is looked at and return for how many seconds it waits instead, 0 for none.

    The place at which its byte was appended tells how many came before it, so of many at once only `most` pass.
    """
    if seconds := wait(subject, most, now):
        return seconds
    window = int(now // WINDOW)
    if count(subject, now) + _size(_place(window - 1, subject)) > most:
        return max(wait(subject, most, now), 1)
    return 0


def count(subject: str, now: float) -> int:
    """Count one attempt and return its number in this window.

    Where nothing can be written, a full disk say, nobody is locked out for it: then it is 0.
    """
    place = _place(int(now // WINDOW), subject)
    try:
        if not place.parent.is_dir():
            place.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a mode is that of the last alone
            place.parent.mkdir(mode=0o700, exist_ok=True)
            _clear(int(now // WINDOW))  # once a window, by who opens it
        with place.open("ab", buffering=0) as file:
            file.write(b".")
            return file.tell()
    except OSError as error:
        _log.warning("an attempt is not counted: %s", error)
        return 0


def forget(subject: str, now: float) -> None:
    """Count anew."""
    number = int(now // WINDOW)
    for window in (number, number - 1):
        with contextlib.suppress(OSError):
            _place(window, subject).unlink()


def _place(window: int, subject: str) -> Path:
    """Return a subject's file; its name tells nobody who reads the folder what was typed."""
    return conf.attempts() / str(window) / salted_hmac("log-in", subject, algorithm="sha256").hexdigest()


def _size(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return 0


def _clear(window: int) -> None:
    for folder in conf.attempts().iterdir():
        if folder.name not in {str(window), str(window - 1)}:
            shutil.rmtree(folder, ignore_errors=True)
