"""Which columns a database's table has, and how they are named in SQL."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.db import connection
from psycopg import sql

from recipients.conf import CODE_FIELD
from recipients.errors import ServiceError
from recipients.models import Database, Field, FieldType

SCHEMA: Final = "recipients_data"
# What every table has beside its fields, and what PostgreSQL itself puts on each.
RESERVED: Final = frozenset({"id", "created_at", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a database: `name` as it was declared, which is also its name in the table."""

    name: str
    type: FieldType

    @property
    def key(self) -> str:
        """The name as it is compared: lower-case."""
        return self.name.lower()


@lru_cache(maxsize=256)
def _cached_columns(database_id: int, version: int) -> tuple[Column, ...]:  # noqa: ARG001  version is the cache's key
    return _read(database_id)


def _read(database_id: int) -> tuple[Column, ...]:
    fields = Field.objects.filter(database=database_id).order_by("position", "id")
    return tuple(Column(field.name, FieldType(field.type)) for field in fields)


def columns(database: Database) -> tuple[Column, ...]:
    """Return the columns in their order, kept by id and version, so that a change is seen by all processes.

    Inside a transaction nothing is kept: it may be rolled back, and its version number given again.
    """
    if connection.in_atomic_block:
        return _read(database.pk)
    return _cached_columns(database.pk, database.version)


def address_column(database: Database) -> str:
    """Return the name of the field that holds the address."""
    for column in columns(database):
        if column.type == FieldType.EMAIL:
            return column.name
    raise ServiceError("DATABASE_BROKEN", database=database.pk)


def code_column(database: Database) -> str | None:
    """Return the name of the field XML_DELIVERY_CODE as declared, or None when there is none."""
    found = [column.name for column in columns(database) if column.key == CODE_FIELD.lower()]
    return found[0] if found else None


def identifier(database: Database) -> sql.Identifier:
    """Return the table's quoted name."""
    return sql.Identifier(SCHEMA, f"db_{database.pk}")
