"""The first row of a CSV: which of a database's fields its columns are (reference 3.2)."""

from collections.abc import Sequence

from recipients import conf
from recipients.errors import ClientError
from recipients.tables import Column


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
