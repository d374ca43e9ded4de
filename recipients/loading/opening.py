"""From a file's bytes to its header and records (reference 3.2)."""

import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from recipients import conf, file_kinds
from recipients.errors import ClientError, RowFault
from recipients.faults import Fault
from recipients.loading import zips
from recipients.loading.dialect import SEPARATORS, Dialect, Marks, marks_of, tightened, without_sep_line
from recipients.loading.encodings import (
    check_declared,
    declared_encoding,
    decoded,
    detect_encoding,
    without_end_marks,
)
from recipients.loading.records import Batch, Records
from recipients.tables import Column

_MARK_MISREAD: Final = "ï»¿"  # the bytes EF BB BF as the encodings of one byte a character read them
_LONGEST_HEADER: Final = 1024**2  # characters; the names of 100 fields have 6,300
_LINE_END: Final = re.compile(r"[^\r\n][\r\n]")

# Entries that tell an XLSX, an XLSB and an ODS.
SPREADSHEETS: Final = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})

LEFT_OUT: Final = ""  # in place of a field: a person leaves the column out


class RecordSource(Protocol):
    """What gives the records below a header."""

    def batches(self, fault: Callable[[RowFault], None]) -> Iterator[Batch]:
        """Yield the records; `fault` gets each bad one. Raises ClientError when the file can't be followed."""
        ...


class Picked:
    """The records of a list without the columns that are left out."""

    def __init__(self, records: RecordSource, places: Sequence[int]) -> None:
        self._records, self._places = records, places

    def batches(self, fault: Callable[[RowFault], None]) -> Iterator[Batch]:
        """Yield the records with the cells of the picked columns."""
        for batch in self._records.batches(fault):
            yield Batch([[row[place] for place in self._places] for row in batch.rows], batch.lines)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV that is open: the database's column of each of its columns, and its records."""

    columns: tuple[Column, ...]
    records: RecordSource


@contextlib.contextmanager
def opened(
    path: Path, dialect: Dialect, columns: Sequence[Column], required: str, fields: Sequence[str] | None = None
) -> Iterator[Table]:
    """Open a CSV, or the one in a zip; `required` is the field that must be among its columns.

    `fields` are those that a person chose for its columns, "" for one to leave out; without them its header names
    them. Raises ClientError with a ZIP_ or CSV_ code.
    """
    with unmatched(path, dialect, required) as (names, records):
        yield table_of(names, records, columns, required, fields)


@contextlib.contextmanager
def unmatched(path: Path, dialect: Dialect, required: str) -> Iterator[tuple[list[str], RecordSource]]:
    """Open the same; give the names of its header as written, and its records. Raises ClientError."""
    check_kind(path, "CSV_KIND")
    if dialect.encoding:
        encoding = declared_encoding(dialect.encoding)
        with zips.content(path) as source:
            check_declared(source, encoding, dialect.encoding)
    else:
        with zips.content(path) as source:
            encoding = detect_encoding(source)
    with zips.content(path) as source:
        yield _read(without_end_marks(decoded(source, encoding)), dialect, required)


def check_kind(path: Path, refusal: str) -> None:
    """Raise ClientError CSV_KIND for what is not a list by its content: a picture's rows would all be bad."""
    with path.open("rb") as file:
        found = file_kinds.kind_of(file.read(file_kinds.HEAD))
    if found is not None and found.key == file_kinds.ZIP:
        found = Fault.of("kind.spreadsheet") if zips.names_in(path) & SPREADSHEETS else None
    if found is not None:
        raise ClientError(refusal, found=found)


def table_of(
    names: Sequence[str],
    records: RecordSource,
    columns: Sequence[Column],
    required: str,
    fields: Sequence[str] | None = None,
) -> Table:
    """Return the table of a list that is open, its columns matched by their names or by `fields`."""
    if fields is None:
        return Table(tuple(columns_named(names, columns, required)), records)
    places = [place for place, field in enumerate(fields[: len(names)]) if field != LEFT_OUT]
    named = columns_named([fields[place] for place in places], columns, required)
    return Table(tuple(named), Picked(records, places))


def _read(pieces: Iterator[str], dialect: Dialect, required: str) -> tuple[list[str], RecordSource]:
    text = ""
    while len(text) <= _LONGEST_HEADER and not _LINE_END.search(text) and (piece := next(pieces, "")):
        text += piece
    whole = text.removeprefix("\ufeff")  # the mark of a declared utf-16-le, which its codec leaves in
    text, dialect = without_sep_line(whole, dialect)
    line = 1 if text == whole else 2
    marks = marks_of(text, dialect, required)
    names, used, text = _header(text, marks, line)
    if len(names) == 1 and required.lower() != names[0].strip().lower():
        _refuse_separator(names[0], marks.separator)
    return names, Records(pieces, (text, line + used), marks, len(names))


def _header(text: str, marks: Marks, line: int) -> tuple[list[str], int, str]:
    """Return the first row that is not blank, how many lines lie before what follows, and that."""
    lines = list(io.StringIO(text, newline=""))
    fed = iter(tightened(lines, marks))
    reader = csv.reader(fed, delimiter=marks.separator, quotechar=marks.quote, strict=True)
    try:
        names = next((row for row in reader if any(cell.strip() for cell in row)), [])
    except csv.Error as error:
        raise ClientError("CSV_QUOTE.header", line=line, found=lines[0]) from error
    used = reader.line_num
    if used == len(lines) and len(text) > _LONGEST_HEADER:
        raise ClientError("CSV_ROW_TOO_LONG.header", line=line)
    if names and names[0].startswith(_MARK_MISREAD):
        raise ClientError("CSV_ENCODING.mark")
    if not names:
        raise ClientError("CSV_EMPTY")
    return names, used, "".join(lines[used:])


def _refuse_separator(name: str, separator: str) -> None:
    if any(other in name for other in SEPARATORS if other != separator):
        raise ClientError("CSV_DELIMITER", separator=separator, found=name)


def known_names(columns: Sequence[Column]) -> list[str]:
    """Return the names that a list may give, as declared."""
    return [column.name for column in columns if column.name.lower() != conf.CODE_FIELD.lower()]


def columns_named(names: Sequence[str], columns: Sequence[Column], required: str = "") -> list[Column]:
    """Return the column of each name, in the order of `names`; `required` is the field that must be there, if any.

    Raises ClientError CSV_EMPTY_HEADER, CSV_DUP_HEADER, CSV_RESERVED, CSV_UNKNOWN_COLUMN or CSV_NO_EMAIL.
    """
    known = {column.name.lower(): column for column in columns}
    listed = known_names(columns)
    given = [name.strip().lower() for name in names]
    for position, name in enumerate(given, 1):
        if not name:
            raise ClientError("CSV_EMPTY_HEADER", position=position, known=listed)
        if name == conf.CODE_FIELD.lower():
            raise ClientError("CSV_RESERVED")
    seen: set[str] = set()
    for name in given:
        if name in seen:
            raise ClientError("CSV_DUP_HEADER", found=name, known=listed)
        seen.add(name)
    if required and required.lower() not in seen:
        raise ClientError("CSV_NO_EMAIL", column=required, found=list(names), known=listed)
    unknown = [name for name, lower in zip(names, given, strict=True) if lower not in known]
    if unknown:
        raise ClientError("CSV_UNKNOWN_COLUMN", found=unknown, known=listed)
    return [known[name] for name in given]
