"""A list that comes as a spreadsheet (XLSX): its first sheet, by django-import-export's format (reference 3.3)."""

import contextlib
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile

from recipients import conf
from recipients.errors import ClientError, RowFault
from recipients.loading import zips
from recipients.loading.dialect import Dialect
from recipients.loading.opening import RecordSource, Table, check_kind, table_of, unmatched
from recipients.loading.records import Batch
from recipients.tables import Column

MAX_BYTES: Final = 30 * 1024**2
MAX_UNPACKED: Final = 100 * 1024**2
MAX_READ_WHOLE: Final = 8 * 1024**2
MAX_SECONDS: Final = 20.0  # of a core; the largest list takes half of it
MAX_CELLS: Final = 500_000  # all are objects in memory: 100 bytes each
_BATCH: Final = 1_000
_SHOWN: Final = 3
_XLSX: Final = "xl/workbook.xml"
# The library reads these piece by piece or not at all, every other part as a tree.
_READ_IN_PIECES: Final = ("xl/worksheets/", "xl/sharedStrings.xml", "xl/media/", "xl/drawings/", "xl/embeddings/")
_OTHERS: Final = frozenset({"content.xml", "xl/workbook.bin"})  # of ODS, of XLSB
_XLS: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What a workbook that is broken makes the library raise.
_UNREADABLE: Final = (BadZipFile, zlib.error, EOFError, SyntaxError, ValueError, KeyError, IndexError, TypeError)


class _SheetRecords:
    """The rows below a sheet's first, each with its number on the sheet; empty ones are none."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        self._rows = rows

    def batches(self, fault: Callable[[RowFault], None]) -> Iterator[Batch]:  # noqa: ARG002  a sheet has no bad rows
        """Yield the rows; the cells are checked by whoever asks."""
        numbered = ((number, row) for number, row in enumerate(self._rows, 2) if any(map(str.strip, row)))
        while some := list(islice(numbered, _BATCH)):
            yield Batch([list(row) for _number, row in some], [number for number, _row in some])


@contextlib.contextmanager
def opened_list(
    path: Path, dialect: Dialect, columns: Sequence[Column], required: str, fields: Sequence[str] | None = None
) -> Iterator[Table]:
    """Open a spreadsheet, a CSV, or the CSV in a zip, told by content; the rest is as `opening.opened`.

    Raises ClientError with a SHEET_, ZIP_ or CSV_ code.
    """
    with opened_unmatched(path, dialect, required) as (names, records):
        yield table_of(names, records, columns, required, fields)


def first_rows(path: Path, dialect: Dialect, required: str) -> tuple[list[str], list[list[str]]]:
    """Return the names of a list's columns as written, and its first rows. Raises ClientError."""
    with opened_unmatched(path, dialect, required) as (names, records):
        batch = next(records.batches(lambda _fault: None), Batch())
        return names, batch.rows[:_SHOWN]


@contextlib.contextmanager
def opened_unmatched(path: Path, dialect: Dialect, required: str) -> Iterator[tuple[list[str], RecordSource]]:
    """Open the same; give the names of its columns as written, and its records. Raises ClientError."""
    kinds = zips.names_in(path)
    if _XLSX in kinds:
        dataset = _read(path)
        yield list(dataset.headers or []), _SheetRecords(dataset)
        return
    if kinds & _OTHERS or _begins(path, _XLS):
        raise ClientError("SHEET_KIND")
    check_kind(path, "CSV_KIND.by_hand")
    with unmatched(path, dialect, required) as found:
        yield found


class _InTime:
    """A workbook's file, until its reader has worked for too long: 60 KB of it may unpack to a million strings."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._until = time.thread_time() + MAX_SECONDS

    def read(self, size: int = -1) -> bytes:
        """Read on. Raises ClientError SHEET_TOO_LARGE."""
        if time.thread_time() > self._until:
            raise _too_large()
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _read(path: Path) -> Any:
    sizes = zips.unpacked_sizes(path)
    whole = sum(size for name, size in sizes if not name.startswith(_READ_IN_PIECES))
    if path.stat().st_size > MAX_BYTES or sum(dict(sizes).values()) > MAX_UNPACKED or whole > MAX_READ_WHOLE:
        raise _too_large()
    try:
        with path.open("rb") as file:
            return _bounded_format().create_dataset(_InTime(file))
    except _UNREADABLE as error:
        raise ClientError("SHEET_UNREADABLE") from error


def _bounded_format() -> Any:
    """Return the library's format of XLSX, which reads a row at a time and no further than a list may go.

    As it stands it fills up a sheet with one cell far out to a million rows of 16,384 cells.
    """
    # 13 MB in each process else, and few ever read a spreadsheet.
    import openpyxl  # noqa: PLC0415
    import tablib  # noqa: PLC0415
    from import_export.formats.base_formats import XLSX  # noqa: PLC0415

    class BoundedXlsx(XLSX):  # type: ignore[misc]  # the library has no types
        def create_dataset(self, in_stream: Any) -> tablib.Dataset:
            book = openpyxl.load_workbook(in_stream, read_only=True, data_only=True, keep_links=False)
            try:
                rows = book.worksheets[0].iter_rows(values_only=True, max_col=conf.MAX_FIELDS + 1)
                return _dataset(tablib.Dataset(), rows)
            finally:
                book.close()

    return BoundedXlsx()


def _dataset(dataset: Any, rows: Iterator[Sequence[object]]) -> Any:
    """Fill a dataset with the rows as texts, the first as its headers; raises ClientError SHEET_TOO_LARGE."""
    headers = [_text(cell) for cell in next(rows, ())]
    width = max((place for place, name in enumerate(headers, 1) if name), default=0)
    dataset.headers = headers[:width]
    for row in rows if width else ():
        if any(cell is not None for cell in row[width:]):
            dataset.wipe()
            dataset.headers = [*headers[:width], ""]  # a column without a name, told as such
            break
        dataset.append([_text(cell) for cell in row[:width]] + [""] * (width - len(row)))
        if len(dataset) * width > MAX_CELLS:
            raise _too_large()
    return dataset


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _too_large() -> ClientError:
    return ClientError("SHEET_TOO_LARGE", most=MAX_BYTES // 1024**2, cells=MAX_CELLS)


def _text(cell: object) -> str:
    """Return a cell as a list would have it: days and times as ISO, yes and no as 1 and 0."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell)
