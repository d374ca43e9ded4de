"""The bad rows as a CSV: `rows.<xml file name>.csv` on the space, and the admin's download (reference 3.2)."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Final

from recipients.errors import RowFault

_HEADER: Final = ("file", "line", "column", "code", "reason", "excerpt")
# A spreadsheet takes a cell that begins so for a formula (OWASP ASVS 1.2.10); the last are full-width forms.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\n", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER: Final = re.compile(r"[+-][0-9 ./()-]*[0-9]")  # as telephones and amounts begin


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


class _Line:
    """What csv.writer writes to: it gives the line back."""

    def write(self, line: str) -> str:
        return line


def fault_lines(faults: Iterable[tuple[str, RowFault]]) -> Iterator[str]:
    """Yield (file name, fault) pairs as lines of a CSV with a byte order mark, safe to open in a spreadsheet.

    Sentences are in the language that is active.
    """
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(_HEADER)
    for file, fault in faults:
        texts = (file, str(fault.line), fault.column, fault.code, fault.reason, fault.excerpt)
        yield writer.writerow([harmless(text) for text in texts])
