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
from recipients.loading.dialect import Source
from recipients.loading.results import excerpt

_SIGNATURE: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_MAX_ENTRIES: Final = 1_000
_MAX_DIRECTORY: Final = 1024**2  # bytes of the list of entries, judged before it is read
_RATIO_FROM: Final = 1024**2  # unpacked bytes below which no ratio is a danger
_MAX_NAME: Final = 255
_LOCAL_HEADER: Final = 30
_BAD_NAME: Final = re.compile(r"[\0-\x1f\x7f\\]|^/|^[A-Za-z]:|(^|/)\.\.(/|$)")
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


class _Guarded:
    """A file of which no single read takes more than a list of entries may have: it is judged before it is read."""

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
            raise ClientError("ZIP_NESTED", "the zip holds another zip: put the CSV itself into it")
        self._read += len(data)
        if self._read > self._most:
            raise ClientError(
                "ZIP_BOMB",
                f"the CSV in the zip is over {conf.MAX_ZIP_RATIO} times as large as when packed: send it unpacked",
            )
        if self._read > conf.MAX_CSV_BYTES:
            raise _too_big()
        return data


def _only_csv(entries: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one entry that counts; raises ClientError with what is wrong with the entries."""
    if len(entries) > _MAX_ENTRIES:
        raise _too_many()
    for entry in entries:
        _judge_entry(entry)
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise ClientError("ZIP_DUPLICATE", "two files in the zip have the same name: put exactly one CSV into it")
    _judge_places(entries)
    counted = [entry for entry in entries if not entry.is_dir() and not _is_hidden(entry.filename)]
    if len(counted) != 1:
        names = ", ".join(excerpt(entry.filename) for entry in counted[:5]) or "none"
        raise ClientError(
            "ZIP_FILES",
            f"the zip holds {len(counted)} files ({names}) and must hold exactly one CSV: pack it alone",
        )
    entry = counted[0]
    if entry.file_size > conf.MAX_CSV_BYTES:
        raise _too_big()
    if entry.compress_type not in _METHODS:
        raise ClientError("ZIP_METHOD", "the zip is packed in an unusual way: pack it with the ordinary deflate")
    return entry


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)


def _judge_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename  # as written; `filename` is cut at a NUL
    if _BAD_NAME.search(name) or not name or len(name.encode(errors="replace")) > _MAX_NAME:
        raise ClientError(
            "ZIP_BAD_NAME", f"the zip holds a file with a name that is not allowed, '{excerpt(name)}': rename it"
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ClientError("ZIP_LINK", f"'{excerpt(name)}' in the zip is a link: put the file itself into it")
    if entry.flag_bits & 1:
        raise ClientError("ZIP_ENCRYPTED", "the zip has a password: send it without")


def _judge_places(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes of the file: a small zip could stand for a huge one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _corrupt()
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size


def _too_big() -> ClientError:
    return ClientError(
        "CSV_TOO_BIG", f"the CSV is larger than {conf.MAX_CSV_BYTES // 1024**3} GB: send it in parts"
    )


def _too_many() -> ClientError:
    return ClientError("ZIP_TOO_MANY", f"the zip holds over {_MAX_ENTRIES:,} files: put exactly one CSV into it")


def _corrupt() -> ClientError:
    return ClientError("ZIP_CORRUPT", "the zip can't be read to its end: pack it anew and send it whole")
