"""Rows as lines of a CSV file, one at a time: no file is ever whole in memory."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from recipients.loading.fault_file import harmless

MARK: Final = "\ufeff"  # by which a spreadsheet knows UTF-8


class _Line:
    """What csv.writer writes to: it keeps the one line that was written last."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep this line."""
        self.text = text
        return len(text)


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield the header and a line a row, CRLF; no cell is one that a spreadsheet takes for a formula."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow(columns)
    yield line.text
    for row in rows:
        writer.writerow([harmless(row[column]) for column in columns])
        yield line.text
