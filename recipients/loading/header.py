"""The first row of a CSV: which of a database's fields its columns are (reference 3.2)."""

from collections.abc import Iterable, Sequence

from recipients import conf
from recipients.errors import ClientError
from recipients.loading.results import excerpt
from recipients.tables import Column

_SHOWN = 40


def _listed(names: Iterable[str]) -> str:
    shown = [excerpt(name) for name in names]
    more = len(shown) - _SHOWN
    return ", ".join(shown[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def known_names(columns: Sequence[Column]) -> list[str]:
    """Return the names that a list may give, as declared."""
    return [column.name for column in columns if column.name.lower() != conf.CODE_FIELD.lower()]


def columns_named(names: Sequence[str], columns: Sequence[Column], required: str = "") -> list[Column]:
    """Return the column of each name, in the order of `names`; `required` is the field that must be there, if any.

    Raises ClientError CSV_EMPTY_HEADER, CSV_DUP_HEADER, CSV_RESERVED, CSV_UNKNOWN_COLUMN or CSV_NO_EMAIL.
    """
    known = {column.name.lower(): column for column in columns}
    listed = _listed(known_names(columns))
    given = [name.strip().lower() for name in names]
    for position, name in enumerate(given, 1):
        if not name:
            raise ClientError(
                "CSV_EMPTY_HEADER", f"column {position} of the first row has no name: give it one of {listed}"
            )
        if name == conf.CODE_FIELD.lower():
            raise ClientError(
                "CSV_RESERVED", f"the column {conf.CODE_FIELD} is filled by the product: take it out of the list"
            )
    seen: set[str] = set()
    for name in given:
        if name in seen:
            raise ClientError("CSV_DUP_HEADER", f"the column {name} stands twice: the fields are {listed}")
        seen.add(name)
    if required and required.lower() not in seen:
        raise ClientError(
            "CSV_NO_EMAIL",
            f"the column {required} is missing: columns found: {_listed(names)}; add it (the fields are {listed})",
        )
    unknown = [name for name, lower in zip(names, given, strict=True) if lower not in known]
    if unknown:
        raise ClientError(
            "CSV_UNKNOWN_COLUMN",
            f"the database has no field {_listed(unknown[:5])}"
            + (f" (and {len(unknown) - 5} more)" if len(unknown) > 5 else "")  # noqa: PLR2004  five are enough to see
            + f": its fields are {listed}",
        )
    return [known[name] for name in given]
