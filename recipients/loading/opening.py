"""From a file's bytes to its header and records: encoding, `sep=` line, separator (reference 3.2)."""

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from recipients.errors import ClientError
from recipients.loading import zips
from recipients.loading.dialect import Dialect
from recipients.loading.encodings import (
    check_declared,
    declared_encoding,
    decoded,
    detect_encoding,
    without_end_marks,
)
from recipients.loading.header import columns_named
from recipients.loading.records import Records, tightened
from recipients.tables import Column

_SEPARATORS: Final = ",;\t|"
_MARK_MISREAD: Final = "ï»¿"  # the bytes EF BB BF as the encodings of one byte a character read them
_LONGEST_HEADER: Final = 1024**2
_LINE_END: Final = re.compile(r"[^\r\n][\r\n]")
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\n|\r|$)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV that is open: the database's column of each of its columns, and its records."""

    columns: tuple[Column, ...]
    records: Records


@contextlib.contextmanager
def opened(path: Path, dialect: Dialect, columns: Sequence[Column], required: str) -> Iterator[Table]:
    """Open a CSV, or the one in a zip; `required` is the field that must be among its columns.

    Raises ClientError with a ZIP_ or CSV_ code.
    """
    if dialect.encoding:
        encoding = declared_encoding(dialect.encoding)
        with zips.content(path) as source:
            check_declared(source, encoding, dialect.encoding)
    else:
        with zips.content(path) as source:
            encoding = detect_encoding(source)
    with zips.content(path) as source:
        yield _table(without_end_marks(decoded(source, encoding)), dialect, columns, required)


def _table(pieces: Iterator[str], dialect: Dialect, columns: Sequence[Column], required: str) -> Table:
    text = ""
    while len(text) <= _LONGEST_HEADER and not _LINE_END.search(text) and (piece := next(pieces, "")):
        text += piece
    text, line = text.removeprefix("\ufeff"), 1  # the mark of a declared utf-16-le, which its codec leaves in
    if found := _SEP_LINE.match(text):
        dialect = replace(dialect, separator=found[1])
        text, line = text[found.end() :], 2
    marks = _marks(text, dialect, required)
    names, used, text = _header(text, marks, line)
    if len(names) == 1 and required.lower() != names[0].strip().lower():
        _refuse_separator(names[0], marks[0])
    named = tuple(columns_named(names, columns, required))
    return Table(named, Records(pieces, (text, line + used), marks, len(named)))


def _marks(text: str, dialect: Dialect, required: str) -> tuple[str, str, str]:
    quote = dialect.quote or '"'
    if dialect.separator:
        return dialect.separator, quote, dialect.escape
    first = next(io.StringIO(text.lstrip("\r\n"), newline=""), "")

    def fits(separator: str) -> tuple[bool, int]:
        names = [name.strip().strip(quote).lower() for name in first.split(separator)]
        return required.lower() in names, len(names)

    return max(_SEPARATORS, key=fits), quote, dialect.escape


def _header(text: str, marks: tuple[str, str, str], line: int) -> tuple[list[str], int, str]:
    """Return the first row that is not blank, how many lines lie before what follows, and that."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(
        iter(tightened(lines, marks[0], marks[1])), delimiter=marks[0], quotechar=marks[1], strict=True
    )
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
    if any(other in name for other in _SEPARATORS if other != separator):
        raise ClientError("CSV_DELIMITER", separator=separator, found=name)
