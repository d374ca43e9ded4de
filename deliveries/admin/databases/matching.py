"""Which field each column of a list is: guessed, chosen by a person, and remembered for the next list."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from recipients import tables
from recipients.loading import Dialect
from recipients.loading.matching import LEFT_OUT, guess
from recipients.loading.modes import Mode, needed_name
from recipients.loading.opening import known_names
from recipients.loading.spreadsheets import first_rows
from recipients.models import Database

# What another match of the columns can mend.
MATCHABLE: Final = frozenset(
    {"CSV_UNKNOWN_COLUMN", "CSV_NO_EMAIL", "CSV_EMPTY_HEADER", "CSV_DUP_HEADER", "CSV_RESERVED"}
)
_MOST: Final = 500  # names that a database remembers; those of more lists than anybody gets
_LONGEST: Final = 200
_SHOWN: Final = 80


def columns_of(database: Database, place: Path, mode: Mode, fields: list[str] | None) -> dict[str, Any]:
    """Return what the page shows: each column's name, first values and field. Raises ClientError."""
    names, rows = first_rows(place, Dialect(), needed_name(database, mode))
    columns = tables.columns(database)
    chosen = fields or guess(names, columns, database.column_guesses)
    chosen = [*chosen, *[LEFT_OUT] * len(names)][: len(names)]
    return {
        "columns": [
            (number, name, [row[number][:_SHOWN] for row in rows if number < len(row)], chosen[number])
            for number, name in enumerate(names)
        ],
        "fields": known_names(columns),
    }


def chosen_fields(posted: Mapping[str, Any]) -> list[str]:
    """Return the field of each column as the form gives them, in their order; none where it gives none."""
    found: list[str] = []
    while (field := posted.get(f"column-{len(found)}")) is not None:
        found.append(str(field))
    return found


def remember_choice(database: Database, place: Path, mode: Mode, fields: list[str] | None) -> None:
    """Keep what was chosen for the names of this list, as the first guess for the next one."""
    if not fields:
        return
    names, _rows = first_rows(place, Dialect(), needed_name(database, mode))
    mine = {name.strip().lower()[:_LONGEST]: field for name, field in zip(names, fields, strict=False)}
    kept = {**database.column_guesses, **mine}
    Database.objects.filter(pk=database.pk).update(column_guesses=dict(list(kept.items())[-_MOST:]))
