"""The table of field types: a new type is a row here, and a choice of the model (CONTRIBUTING)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Final, Literal

from recipients.field_types import cells, columns
from recipients.models import FieldType

Convert = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTypeRow:
    """What differs by type.

    `sql` is PostgreSQL's type, to which a filter's values are cast too, `collation` the column's. `read` makes
    what COPY reads of a cell, and takes the account's zone where it is `zoned`; `python` makes the value of that.
    `are_plain` tells of a whole column that `read` would change nothing. `family` decides the operators of filters:
    texts have parts, numbers and days an order. `example` is a cell of the sample bundle.
    """

    sql: str
    read: Callable[..., str]
    python: Callable[[str], object] = str
    family: Literal["text", "number", "yes_no", "day"]
    example: str
    collation: str = ""
    zoned: bool = False
    are_plain: Callable[[Sequence[str]], bool] | None = None

    @property
    def column(self) -> str:
        """The column's type as CREATE TABLE has it."""
        return f'{self.sql} COLLATE "{self.collation}"' if self.collation else self.sql


def _text(example: str) -> FieldTypeRow:
    return FieldTypeRow(
        sql="text",
        read=cells.string,
        family="text",
        example=example,
        are_plain=columns.are_texts,
    )


FIELD_TYPES: Final[Mapping[FieldType, FieldTypeRow]] = {
    FieldType.STRING: _text("Anna"),
    FieldType.TEXT: _text("Some words"),
    FieldType.PHONE: _text("+39 02 1234567"),
    FieldType.HTML: FieldTypeRow(
        sql="text",
        read=cells.page,
        family="text",
        example="<p>Some words</p>",
        are_plain=columns.are_pages,
    ),
    FieldType.EMAIL: FieldTypeRow(
        sql="text",
        collation="C",  # lower() then touches ASCII alone, in every locale, as addresses.py does
        read=cells.email,
        family="text",
        example="anna@mail.example",
        are_plain=columns.are_addresses,
    ),
    FieldType.INTEGER: FieldTypeRow(
        sql="bigint",
        read=cells.integer,
        python=int,
        family="number",
        example="1001",
        are_plain=columns.are_digits,
    ),
    FieldType.DECIMAL: FieldTypeRow(
        sql="numeric",
        read=cells.decimal,
        python=Decimal,
        family="number",
        example="12.50",
        are_plain=columns.are_decimals,
    ),
    FieldType.BOOLEAN: FieldTypeRow(
        sql="boolean",
        read=cells.boolean,
        python=lambda word: word == "t",
        family="yes_no",
        example="1",
    ),
    FieldType.DATE: FieldTypeRow(
        sql="date",
        read=cells.day,
        python=date.fromisoformat,
        family="day",
        example="2026-12-01",
    ),
    FieldType.DATETIME: FieldTypeRow(
        sql="timestamp",
        read=cells.moment,
        python=datetime.fromisoformat,
        family="day",
        example="2026-12-01 09:30:00",
        zoned=True,
    ),
}


def converters(zone: tzinfo) -> Mapping[FieldType, Convert]:
    """Return how a cell of each type is read; a time that gives its offset becomes the clock of `zone`.

    Each raises ValueFault.
    """
    return {kind: partial(row.read, zone=zone) if row.zoned else row.read for kind, row in FIELD_TYPES.items()}


def typed(kind: FieldType, converted: str) -> object:
    """Return the Python value of what a converter gave; None where it is empty."""
    return FIELD_TYPES[kind].python(converted) if converted else None
