"""What lies on a space, and which of it are bundles (reference 1): pure, but for `listing_of`.

A semaphore is `X.ok` or `X.xml.ok`; its bundle is named by the stem `X`, compared in NFC.
Only ordinary files count.
"""

import os
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deliveries.errors import BundleError
from deliveries.intake.sftp.session import Entry

MOST_NAME_BYTES: Final = 200  # names of reports are longer, and a file system takes 255
_LETTERS: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"})


def same(name: str) -> str:
    """Return a name as it is compared: NFC."""
    return unicodedata.normalize("NFC", name)


def is_plain(name: str) -> bool:
    """Return whether a name is one of reference 1: letters, digits, space and ._-+()@, at most 200 bytes."""
    text = same(name)
    return (
        0 < len(text.encode()) <= MOST_NAME_BYTES
        and text not in {".", ".."}
        and all(c in " ._-+()@" or unicodedata.category(c) in _LETTERS for c in text)
    )


def printable_name(raw: bytes) -> str:
    """Return a name for people: what is not printable escaped, at most 80 characters."""
    text = raw.decode(errors="backslashreplace")
    # Not `faults.showable`: this is a name that runs are found again by, so what an older release wrote must stay.
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return plain if len(plain) <= 80 else plain[:77] + "..."  # noqa: PLR2004  what a sentence can hold


def _stem(semaphore: str) -> str:
    text = same(semaphore)[:-3]
    return text[:-4] if text.casefold().endswith(".xml") and len(text) > 4 else text  # noqa: PLR2004  ".xml"


def _bad_stem(raw: bytes) -> str:
    """Return the stem of a semaphore whose name is none of ours, as people see it."""
    name = printable_name(raw)
    return _stem(name) if name.casefold().endswith(".ok") else name


@dataclass(frozen=True, slots=True)
class Bundle:
    """A stem with its semaphores as they lie on the space; `bad` where the name is none of ours.

    `mtime` is that of its oldest semaphore, seconds. `semaphores` are raw names, for removing them.
    """

    stem: str
    semaphores: tuple[bytes, ...]
    mtime: int
    bad: bool = False

    @property
    def semaphore(self) -> str:
        """The name under which the run is known, as people see it."""
        return printable_name(self.semaphores[0])


class Listing:
    """One look at a space's directory."""

    def __init__(self, entries: Iterable[Entry], *, cut: bool = False) -> None:
        self.cut = cut
        self._files: dict[str, list[Entry]] = {}
        semaphores: list[Entry] = []
        for entry in entries:
            name = entry.name
            if name is not None:
                self._files.setdefault(same(name).casefold(), []).append(entry)
            if entry.regular and entry.raw.lower().endswith(b".ok"):
                semaphores.append(entry)
        self.bundles = _bundles(semaphores)

    def has(self, name: str) -> bool:
        """Return whether an entry of exactly this name (NFC) is there."""
        return any(same(entry.name or "") == same(name) for entry in self._files.get(same(name).casefold(), ()))

    def names(self) -> Iterable[str]:
        """All names that are text."""
        return (entry.name or "" for entries in self._files.values() for entry in entries)

    def answers(self, name: str) -> bool:
        """Return whether something lies there that answers a request for this name, of whatever kind."""
        twins = self._files.get(same(name).casefold(), [])
        return len(twins) > 1 or any(_agrees(name, twin.name or "") for twin in twins)

    def find(self, name: str, wanted_by: str) -> str:
        """Return the name on the space of the file that `wanted_by` asks for; raises BundleError.

        BND_NO_XML and REF_MISSING are told apart by the caller; here AMBIGUOUS_NAMES, NOT_REGULAR_FILE or
        REF_MISSING.
        """
        twins = self._files.get(same(name).casefold(), [])
        if len(twins) > 1:
            names = sorted(printable_name(entry.raw) for entry in twins)
            raise BundleError("AMBIGUOUS_NAMES", file=wanted_by, name=name, names=names)
        if not twins or not _agrees(name, twins[0].name or ""):
            near = twins[0].name if twins else ""
            what = "REF_MISSING.case" if near else "REF_MISSING.space"
            raise BundleError(what, file=wanted_by, name=name, near=near)
        if not twins[0].regular:
            raise BundleError("NOT_REGULAR_FILE.wanted", file=wanted_by, name=name)
        return twins[0].name or ""


def listing_of(folder: Path) -> Listing:
    """Return what lies in a folder of this machine, as a space's directory is listed: links are not files."""
    entries = []
    with os.scandir(os.fsencode(folder)) as found:
        for each in found:
            seen = each.stat(follow_symlinks=False)
            entries.append(Entry(each.name, seen.st_size, int(seen.st_mtime), stat.S_ISREG(seen.st_mode)))
    return Listing(entries)


def _agrees(asked: str, there: str) -> bool:
    """Return whether a name answers a request: equal in NFC, the extension in any case (reference 1)."""
    asked, there = same(asked), same(there)
    cut = asked.rfind(".")
    return asked == there or (cut > 0 and asked[:cut] == there[:cut])


def _bundles(semaphores: list[Entry]) -> list[Bundle]:
    """Group semaphores by stem, the oldest first (reference 1)."""
    good: dict[str, list[Entry]] = {}
    found: list[Bundle] = []
    for entry in semaphores:
        name = entry.name
        if name is None or not is_plain(name) or not _stem(name).strip():
            found.append(Bundle(_bad_stem(entry.raw), (entry.raw,), entry.mtime, bad=True))
        else:
            good.setdefault(_stem(name), []).append(entry)
    for stem, entries in good.items():
        raws = tuple(sorted((entry.raw for entry in entries), key=lambda raw: (len(raw), raw)))
        found.append(Bundle(stem, raws, min(entry.mtime for entry in entries)))
    return sorted(found, key=lambda bundle: (bundle.mtime, bundle.semaphores))
