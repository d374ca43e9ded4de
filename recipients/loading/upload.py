"""A small list held in memory, cut into rows by the same reader as the large ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import tablib

from recipients import tables
from recipients.loading.dialect import Dialect
from recipients.loading.modes import Mode, needed_name
from recipients.loading.opening import opened
from recipients.loading.results import Tally
from recipients.models import Database

MAX_BYTES: Final = 30 * 1024**2
MAX_ROWS: Final = 50_000  # the library keeps each as objects: some 30 s and 300 MB a hundred thousand


class Upload(tablib.Dataset):  # type: ignore[misc]  # the library has no types
    """Rows as text, with the line of each, and the faults found while the list was cut into rows."""

    def __init__(self, headers: Sequence[str]) -> None:
        super().__init__(headers=list(headers))
        self.lines: list[int] = []
        self.tally = Tally()


def read_upload(
    database: Database, path: Path, dialect: Dialect, mode: Mode, *, most: tuple[int, int] = (MAX_BYTES, MAX_ROWS)
) -> Upload | None:
    """Return a list's rows, or None when it is too large for memory: `most` bytes and rows. Raises ClientError."""
    if path.stat().st_size > most[0]:
        return None
    with opened(path, dialect, tables.columns(database), needed_name(database, mode)) as table:
        upload = Upload([column.name for column in table.columns])
        for batch in table.records.batches(upload.tally.add):
            if len(upload.lines) + len(batch.lines) > most[1]:
                return None
            upload.extend(batch.rows)
            upload.lines += batch.lines
    return upload
