"""Columns of a list matched with a database's fields by a person, where their names are others (reference 3.3)."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from recipients import conf
from recipients.errors import RowFault
from recipients.loading.records import Batch
from recipients.models import FieldType
from recipients.tables import Column

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
LEFT_OUT: Final = ""


class RecordSource(Protocol):
    """What gives the records below a header."""

    def batches(self, fault: Callable[[RowFault], None]) -> Iterator[Batch]:
        """Yield the records; `fault` gets each bad one. Raises ClientError when the file can't be followed."""
        ...


class Picked:
    """The records of a list without the columns that are left out."""

    def __init__(self, records: RecordSource, places: Sequence[int]) -> None:
        self._records, self._places = records, places

    def batches(self, fault: Callable[[RowFault], None]) -> Iterator[Batch]:
        """Yield the records with the cells of the picked columns."""
        for batch in self._records.batches(fault):
            yield Batch([[row[place] for place in self._places] for row in batch.rows], batch.lines)


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
