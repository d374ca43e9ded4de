"""How many rows a predicate selects, and which come first (reference 3.5)."""

from typing import Final

from django.db import connection
from psycopg import sql

from recipients.filtering.predicates import ROW, Predicate
from recipients.models import Database
from recipients.tables import identifier

PREVIEW: Final = 50


def count(database: Database, predicate: Predicate) -> int:
    """Return how many rows of the database the predicate selects."""
    with connection.cursor() as cursor:
        cursor.execute(_query("SELECT count(*) FROM {} AS {} WHERE {}", database, predicate), predicate.parameters)
        return int(cursor.fetchone()[0])


def sample(database: Database, predicate: Predicate, limit: int = PREVIEW) -> list[int]:
    """Return the ids of the first rows that the predicate selects, ascending."""
    with connection.cursor() as cursor:
        query = _query("SELECT id FROM {} AS {} WHERE {} ORDER BY id LIMIT %s", database, predicate)
        cursor.execute(query, (*predicate.parameters, limit))
        return [row[0] for row in cursor.fetchall()]


def _query(shape: str, database: Database, predicate: Predicate) -> sql.Composed:
    return sql.SQL(shape).format(identifier(database), sql.Identifier(ROW), predicate.sql)
