"""Which field each column of a list is: guessed, chosen by a person, and remembered for the next list."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from recipients import conf, tables
from recipients.loading import Dialect
from recipients.loading.modes import Mode, needed_name
from recipients.loading.opening import LEFT_OUT, known_names
from recipients.loading.spreadsheets import first_rows
from recipients.models import Database, FieldType
from recipients.tables import Column

# What another match of the columns can mend.
MATCHABLE: Final = frozenset(
    {"CSV_UNKNOWN_COLUMN", "CSV_NO_EMAIL", "CSV_EMPTY_HEADER", "CSV_DUP_HEADER", "CSV_RESERVED"}
)
_MOST: Final = 500  # names that a database remembers; those of more lists than anybody gets
_LONGEST: Final = 200  # characters of a name that is remembered
_SHOWN: Final = 80  # characters of a value, in a cell of a table
_OTHER: Final = re.compile(r"[^a-z0-9]+")
# What lists call the address, in letters and digits alone.
_ADDRESS: Final = frozenset(
    {
        "email",
        "mail",
        "emailaddress",
        "mailaddress",
        "indirizzoemail",
        "indirizzomail",
        "postaelettronica",
        "correo",
    }
)


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


def guess(names: Sequence[str], columns: Sequence[Column], remembered: Mapping[str, str]) -> list[str]:
    """Return the field for each column of a list, LEFT_OUT where none is near; no field is given twice.

    First go the fields' own names, then what was chosen for such a name before (lower-case), then what looks alike.
    """
    fields = [column for column in columns if column.key != conf.CODE_FIELD.lower()]
    own = {column.key: column.name for column in fields}
    alike = {_bare(column.name): column.name for column in fields}
    address = next((column.name for column in fields if column.type == FieldType.EMAIL), LEFT_OUT)

    def exactly(name: str) -> str | None:
        return own.get(name)

    def as_before(name: str) -> str | None:
        return (
            remembered[name]
            if remembered.get(name, "").lower() in {*own, LEFT_OUT} and name in remembered
            else None
        )

    def nearly(name: str) -> str | None:
        return alike.get(_bare(name)) or (address if _bare(name) in _ADDRESS else None)

    found: dict[int, str] = {}
    for way in (exactly, as_before, nearly):
        for place, name in enumerate(names):
            field = way(name.strip().lower()) if place not in found else None
            if field is not None and (field == LEFT_OUT or field not in found.values()):
                found[place] = field
    return [found.get(place, LEFT_OUT) for place in range(len(names))]


def _bare(name: str) -> str:
    """Return a name in its letters and digits alone, without accents."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return _OTHER.sub("", plain)
