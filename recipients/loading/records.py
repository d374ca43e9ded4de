"""The records of a CSV, block by block in bounded memory, each with its line (reference 3.2).

The standard csv reader parses whole blocks; a record that a block cuts is parsed again with the next one. What
is wrong in one record costs that record only: after a stray quote reading goes on at the line below the one
where the record began.
"""

import csv
import io
import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from recipients.errors import ClientError, RowFault
from recipients.faults import Fault, showable
from recipients.loading.dialect import Marks, tightened, undoubled

MAX_RECORD: Final = 4 * 1024**2  # characters; more than any mail could carry
_MAX_SIZE: Final = 8 * 1024**2  # of the same in memory: one character beyond the BMP makes four bytes of each
_MAX_SEPARATORS: Final = 300_000  # in one unfinished record: each makes a string of its own in memory
_MAX_LINES: Final = 40_000  # in one unfinished record: more is a quote that nobody closed
_MAX_SKIPPED: Final = 64 * 1024**2  # characters of one bad record that are passed over; then the list is refused
_STEP: Final = 1024**2
_PATIENCE: Final = 64 * 1024**2  # characters read twice in one file before bad records are taken whole

csv.field_size_limit(4 * _MAX_SKIPPED)  # of the process, not of a reader; the bounds here are the ones above


@dataclass(slots=True)
class Batch:
    """Records of the header's width and the line on which each begins."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


class Unclosed(Exception):
    """The lines end within a quoted value; `start` is the index of the line where its record begins."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


class Records:
    """Reads the records below a header of `width` columns; `line` is that of the next line of `text`."""

    def __init__(self, pieces: Iterator[str], start: tuple[str, int], marks: Marks, width: int) -> None:
        self._pieces = pieces
        self._rest, self._line = start
        self._marks = marks
        self._width = width
        self._patience = _PATIENCE

    def batches(self, fault: Callable[[RowFault], None]) -> Iterator[Batch]:
        """Yield the records; `fault` gets each bad one. Raises ClientError when the file can't be followed."""
        text, wanted, ended = self._rest, 0, False
        while text or not ended:
            while not ended and len(text) <= wanted:
                piece = next(self._pieces, "")
                text, ended = text + piece, not piece
            cut = len(text) if ended else max(text.rfind("\n"), text.rfind("\r")) + 1
            batch, used = self._block(text, cut, fault, ended=ended)
            text = text[used:]
            if batch.rows:
                yield batch
            if text and not ended and self._is_heavy(text):
                text = self._skip(text, fault)
            wanted = min(len(text) + min(len(text), _STEP), max(len(text), MAX_RECORD))

    def _is_heavy(self, text: str) -> bool:
        return (
            len(text) > MAX_RECORD
            or sys.getsizeof(text) > _MAX_SIZE
            or text.count(self._marks.separator) > _MAX_SEPARATORS
            or text.count("\n") + text.count("\r") > _MAX_LINES
        )

    def _block(self, text: str, cut: int, fault: Callable[[RowFault], None], *, ended: bool) -> tuple[Batch, int]:
        """Parse the whole lines before `cut`; return the batch, and where in `text` reading must go on."""
        batch = Batch()
        lines = list(io.StringIO(text[:cut], newline=""))
        try:
            self._parse(lines, batch, fault)
        except Unclosed as unclosed:
            if ended:
                if unclosed.start == len(lines) - 1:
                    raise self._cut_off(self._line + unclosed.start) from None
                raise self._never_closed(self._line + unclosed.start) from None
            self._line += unclosed.start
            return batch, sum(map(len, itertools.islice(lines, unclosed.start)))
        self._line += len(lines)
        return batch, cut

    def _parse(self, lines: list[str], batch: Batch, fault: Callable[[RowFault], None]) -> None:
        fed = tightened(undoubled(lines, self._marks), self._marks)
        start = 0
        while start < len(lines):
            feed = map(fed.__getitem__, range(start, len(fed)))
            start = self._run(feed, start, lines, batch, fault)

    def _run(
        self,
        fed: Iterator[str],
        base: int,
        lines: list[str],
        batch: Batch,
        fault: Callable[[RowFault], None],
    ) -> int:
        """Parse from line index `base` to the end or to where reading must start anew; return that index."""
        reader = csv.reader(fed, delimiter=self._marks.separator, quotechar=self._marks.quote, strict=True)
        start, width, first = base, self._width, self._line
        add_row, add_line = batch.rows.append, batch.lines.append
        while True:
            try:
                for row in reader:
                    # "" and blanks sort before all that is printed: only such a first cell asks for a look
                    if len(row) == width and (row[0] > " " or any(map(str.strip, row))):
                        add_row(row)
                        add_line(first + start)
                    elif row:
                        again = self._wrong_width(row, start, base + reader.line_num, lines, fault)
                        if again:
                            return again
                    start = base + reader.line_num
            except csv.Error as error:
                end = base + reader.line_num
                if str(error) == "unexpected end of data":
                    raise Unclosed(start) from None
                fault(self._stray_quote(first + start, lines[start]))
                if end - start > 1 and self._may_read_again(lines, start, end):
                    return start + 1
                start = end
            else:
                return len(lines)

    def _wrong_width(
        self, row: list[str], start: int, end: int, lines: list[str], fault: Callable[[RowFault], None]
    ) -> int:
        """Report a record of the wrong width; return the index from which to read again, or 0 to go on."""
        if not any(map(str.strip, row)):
            return 0  # a blank line, also as spreadsheets write cells that were used once and then emptied
        line = self._line + start
        if len(row) < self._width and end == len(lines) and not lines[-1].endswith(("\n", "\r")):
            raise ClientError("CSV_TRUNCATED", line=line, found=len(row), width=self._width)
        wrong = Fault.of("CSV_COLUMNS", line=line, found=len(row), width=self._width)
        fault(RowFault(line, "", wrong, showable(lines[start])))
        return start + 1 if end - start > 1 and self._may_read_again(lines, start, end) else 0

    def _may_read_again(self, lines: list[str], start: int, end: int) -> bool:
        self._patience -= sum(map(len, itertools.islice(lines, start + 1, end)))
        return self._patience > 0

    def _stray_quote(self, line: int, text: str) -> RowFault:
        return RowFault(line, "", Fault.of("CSV_QUOTE", line=line, quote=self._marks.quote), showable(text))

    def _cut_off(self, line: int) -> ClientError:
        return ClientError("CSV_TRUNCATED.quotes", line=line)

    def _never_closed(self, line: int) -> ClientError:
        return ClientError("CSV_QUOTE.never", line=line, quote=self._marks.quote)

    def _skip(self, text: str, fault: Callable[[RowFault], None]) -> str:
        """Pass over a record that is too long to hold; return the text behind it."""
        line, size, shown = self._line, 0, text
        odd = many = False
        for piece in itertools.chain((text,), self._pieces):
            at = 0
            for part in io.StringIO(piece, newline=""):
                at += len(part)
                odd ^= bool(part.count(self._marks.quote) & 1)
                if part.endswith(("\n", "\r")):
                    self._line += 1
                    many = True
                    if not odd and size + at > len(text):
                        fault(self._too_long(line, shown))
                        return piece[at:]
            size += len(piece)
            if size > _MAX_SKIPPED:
                break
        if odd and many:
            raise self._never_closed(line)
        if size > _MAX_SKIPPED:
            raise ClientError("CSV_ROW_TOO_LONG", line=line, most=_MAX_SKIPPED // 1024**2)
        fault(self._too_long(line, shown))
        return ""

    def _too_long(self, line: int, text: str) -> RowFault:
        why = Fault.of("CSV_FIELD_TOO_LONG.row", line=line, most=MAX_RECORD // 1024**2)
        return RowFault(line, "", why, showable(text))
