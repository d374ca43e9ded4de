"""The bytes of a CSV, also when it comes in a zip: told by content, never by name (reference 3.2).

Nothing is unpacked to disk and no entry's name becomes a path: the one CSV is read through, its bytes counted.
"""

import contextlib
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

from recipients import conf
from recipients.errors import ClientError
from recipients.loading.encodings import Source

_SIGNATURE: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_MAX_ENTRIES: Final = 1_000  # only one may count; others are what systems add
_MAX_DIRECTORY: Final = 1024**2  # bytes of the list of entries, checked before it is read
_RATIO_FROM: Final = 1024**2  # unpacked bytes below which no ratio is a danger
_MAX_NAME: Final = 255  # bytes, as file systems have it
_LOCAL_HEADER: Final = 30  # bytes before the name of an entry (APPNOTE 4.3.7)
_BAD_NAME: Final = re.compile(r"[\0-\x1f\x7f]|^/|^[A-Za-z]:|(^|/)\.\.(/|$)")
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # others ask for memory as they please
_READ_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@contextlib.contextmanager
def content(path: Path) -> Iterator[Source]:
    """Open the CSV at `path`, or the one in the zip at `path`. Raises ClientError CSV_TOO_BIG or ZIP_...."""
    if path.stat().st_size > conf.MAX_CSV_BYTES:
        raise _too_big()
    with path.open("rb") as file:
        start = file.read(len(_SIGNATURE))
        file.seek(0)
        if start not in {_SIGNATURE, _EMPTY_ZIP}:
            yield file
            return
        with contextlib.ExitStack() as stack:
            yield _member(file, stack)


def _member(file: BinaryIO, stack: contextlib.ExitStack) -> Source:
    try:
        archive = stack.enter_context(zipfile.ZipFile(cast("BinaryIO", _Guarded(file))))
    except (*_READ_ERRORS, OSError) as error:
        raise _corrupt() from error
    entry = _only_csv(archive.infolist())
    try:
        return _Counted(stack.enter_context(archive.open(entry)), entry)
    except _READ_ERRORS as error:
        raise _corrupt() from error


def names_in(path: Path) -> frozenset[str]:
    """Return the names of a zip's entries, none where it is not a zip that can be listed."""
    return frozenset(entry.filename for entry in _entries(path))


def unpacked_sizes(path: Path) -> list[tuple[str, int]]:
    """Return name and bytes of each file as a zip says them; no more are ever read from it."""
    return [(entry.filename, entry.file_size) for entry in _entries(path)]


def _entries(path: Path) -> list[zipfile.ZipInfo]:
    with path.open("rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            return []
        file.seek(0)
        try:
            with zipfile.ZipFile(cast("BinaryIO", _Guarded(file))) as archive:
                return archive.infolist()
        except (*_READ_ERRORS, OSError, ClientError):
            return []  # whoever reads it as a list says what is wrong


class _Guarded:
    """A file of which no single read takes more than a list of entries may have, checked before it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Return what the file gives; raises ClientError ZIP_TOO_MANY for a larger read."""
        if size > _MAX_DIRECTORY:
            raise _too_many()
        return self._file.read(size if size >= 0 else _MAX_DIRECTORY)


class _Counted:
    """The bytes of an entry, counted as they come: what the zip says of sizes is not believed."""

    def __init__(self, inner: Source, entry: zipfile.ZipInfo) -> None:
        self._inner = inner
        self._most = max(_RATIO_FROM, conf.MAX_ZIP_RATIO * entry.compress_size)
        self._read = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes; raises ClientError ZIP_BOMB, ZIP_NESTED, ZIP_CORRUPT or CSV_TOO_BIG."""
        try:
            data = self._inner.read(size)
        except _READ_ERRORS as error:
            raise _corrupt() from error
        if not self._read and data.startswith(_SIGNATURE):
            raise ClientError("ZIP_NESTED")
        self._read += len(data)
        if self._read > self._most:
            raise ClientError("ZIP_BOMB", ratio=conf.MAX_ZIP_RATIO)
        if self._read > conf.MAX_CSV_BYTES:
            raise _too_big()
        return data


def _only_csv(entries: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one entry that counts; raises ClientError with what is wrong with the entries."""
    if len(entries) > _MAX_ENTRIES:
        raise _too_many()
    for entry in entries:
        _check_entry(entry)
    if len({_place(entry).casefold() for entry in entries}) < len(entries):
        raise ClientError("ZIP_DUPLICATE")
    _check_places(entries)
    counted = [entry for entry in entries if not _place(entry).endswith("/") and not _is_hidden(_place(entry))]
    if len(counted) != 1:
        names = [entry.filename for entry in counted[:5]]
        raise ClientError("ZIP_FILES" if names else "ZIP_FILES.none", count=len(counted), names=names)
    entry = counted[0]
    if entry.file_size > conf.MAX_CSV_BYTES:
        raise _too_big()
    if entry.compress_type not in _METHODS:
        raise ClientError("ZIP_METHOD")
    return entry


def _place(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name as written, which `filename` cuts at a NUL; a backslash marks a folder too.

    .NET before 4.6.1 and PowerShell of that time wrote folders so; nothing is unpacked, so no name is a path here.
    """
    return entry.orig_filename.replace("\\", "/")


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = _place(entry)
    if _BAD_NAME.search(name) or not name or len(name.encode(errors="replace")) > _MAX_NAME:
        raise ClientError("ZIP_BAD_NAME", name=name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ClientError("ZIP_LINK", name=name)
    if entry.flag_bits & 1:
        raise ClientError("ZIP_ENCRYPTED")


def _check_places(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes of the file: a small zip could stand for a huge one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _corrupt()
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size


def _too_big() -> ClientError:
    return ClientError("CSV_TOO_BIG", most=conf.MAX_CSV_BYTES // 1024**3)


def _too_many() -> ClientError:
    return ClientError("ZIP_TOO_MANY", most=_MAX_ENTRIES)


def _corrupt() -> ClientError:
    return ClientError("ZIP_CORRUPT")
