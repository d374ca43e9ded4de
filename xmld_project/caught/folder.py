"""The catcher's folder as its pages read it: names newest first, the first lines of a file for a list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from xmld_project.caught.headers import first_of, headers_of

# As the catcher makes them (standalone/mail_catcher/store.py). Nothing else in an address reaches the disk.
NAME: Final = r"[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9]{1,18}\.eml"
SEARCHED: Final = 2_000  # the newest: each file is opened once
A_PAGE: Final = 50
_HEAD: Final = 64 * 1024  # bytes: the headers of a mail
_SHOWN: Final = 1_000
_name: Final = re.compile(NAME)


@dataclass(frozen=True, slots=True)
class Line:
    """One caught mail in the list; `at` is when it came in, `delivery` the id in X-XMLD-Delivery or None."""

    name: str
    at: datetime
    sender: str
    recipient: str
    subject: str
    delivery: int | None
    searched: str


def place() -> Path:
    """Return the folder; it is there once the catcher has run."""
    return Path(settings.STATE_DIR) / "mail"


def names() -> list[str]:
    """Return the names of all kept mails, newest first."""
    try:
        found = [entry.name for entry in place().iterdir()]
    except FileNotFoundError:
        return []
    return sorted(filter(_name.fullmatch, found), reverse=True)


def file_of(name: str) -> Path | None:
    """Return the file of a name from outside, or None: no such name, no such file, a link to somewhere."""
    path = place() / name
    return path if _name.fullmatch(name) and path.is_file() and not path.is_symlink() else None


def page(asked: str, before: str) -> tuple[list[Line], bool]:
    """Return at most 50 lines older than the name `before` ("" = from the newest), and whether more follow.

    With something `asked` the newest 2,000 are searched for it in addresses and subject, whatever the case.
    """
    found = names()
    if asked:
        found = found[:SEARCHED]
    older = (name for name in found if not before or name < before)
    lines = list(_first(older, asked.casefold(), A_PAGE + 1))
    return lines[:A_PAGE], len(lines) > A_PAGE


def _first(among: Iterator[str], asked: str, most: int) -> Iterator[Line]:
    for name in among:
        if most == 0:
            return
        line = _line(place(), name)
        if line is not None and asked in line.searched:
            most -= 1
            yield line


@lru_cache(maxsize=2 * SEARCHED)
def _read(folder: Path, name: str) -> Line:
    """Read the beginning of a file, which never changes; raises OSError."""
    with (folder / name).open("rb") as file:
        found = headers_of(file.read(_HEAD))
    envelope = first_of(found, "Return-Path").strip("<>")
    sender = first_of(found, "From") or envelope
    recipient = first_of(found, "X-Original-To") or first_of(found, "To")
    subject = first_of(found, "Subject")
    words = "\n".join(word[:_SHOWN] for word in (sender, envelope, recipient, first_of(found, "To"), subject))
    shown = (sender[:_SHOWN], recipient[:_SHOWN], subject[:_SHOWN])
    return Line(name, moment(name), *shown, delivery_of(found), words.casefold())


def _line(folder: Path, name: str) -> Line | None:
    try:
        return _read(folder, name)
    except OSError:  # the catcher keeps the newest 20,000: this one went meanwhile
        return None


def moment(name: str) -> datetime:
    """Return when a mail was caught, which its name says to the second and more."""
    try:
        return datetime.strptime(name[:22], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:  # the 99th of a month, by somebody's hand
        return datetime.fromtimestamp(0, tz=UTC)


def delivery_of(found: list[tuple[str, str]]) -> int | None:
    """Return the id that X-XMLD-Delivery names, None in mails of no delivery."""
    text = first_of(found, "X-XMLD-Delivery")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None
