"""Recipients in the XML are checked and stored as a CSV's rows are (reference 2.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from recipients.errors import ClientError
from recipients.loading.opening import columns_named
from recipients.loading.records import Batch
from recipients.tables import Column

_BATCH: Final = 1_000  # rows for COPY at a time


@dataclass(frozen=True, slots=True)
class InlineRecipient:
    """One recipient element: its line, and its children's names as written with their texts."""

    line: int
    values: tuple[tuple[str, str], ...]


def table(
    recipients: Sequence[InlineRecipient], columns: Sequence[Column], required: str
) -> tuple[Sequence[Column], Iterable[Batch]]:
    """Return the columns that any recipient names, and the rows; raises ClientError for a name that can't be."""
    place: dict[str, int] = {}
    named: list[Column] = []
    known = {column.name.lower(): column for column in columns}
    address = known[required.lower()]
    for recipient in recipients:
        for name, _text in recipient.values:
            if name.lower() not in place:
                _check_names([name], columns, recipient.line)
                place[name.lower()] = len(named)
                named.append(known[name.lower()])
        if len({name.lower() for name, _text in recipient.values}) < len(recipient.values):
            _check_names([name for name, _text in recipient.values], columns, recipient.line)
    if address.name.lower() not in place:
        place[address.name.lower()] = len(named)
        named.append(address)
    return named, _batches(recipients, place)


def _check_names(names: Sequence[str], columns: Sequence[Column], line: int) -> None:
    try:
        columns_named(names, columns)
    except ClientError as error:
        raise ClientError("row.recipient", line=line, fault=error.fault) from error


def _batches(recipients: Sequence[InlineRecipient], place: dict[str, int]) -> Iterable[Batch]:
    rest = iter(recipients)
    while chunk := list(islice(rest, _BATCH)):
        batch = Batch()
        for recipient in chunk:
            row = [""] * len(place)
            for name, text in recipient.values:
                row[place[name.lower()]] = text
            batch.rows.append(row)
            batch.lines.append(recipient.line)
        yield batch
