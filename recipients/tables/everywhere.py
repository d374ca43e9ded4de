"""One address looked for in many databases, by one query whatever their number."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db import connection
from psycopg import sql

from recipients.models import Database
from recipients.tables.columns import address_column, identifier
from recipients.tables.rows import by_address


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row of a database: its values by field name as declared, as JSON writes them (days as text)."""

    database: Database
    id: int
    values: dict[str, Any]


def rows_of_address(databases: Sequence[Database], key: str, limit: int = 100) -> list[PersonRow]:
    """Return the rows of a normalised address, at most `limit` of each database, newest first."""
    known = {database.pk: database for database in databases}
    found = _in_each(databases, key, limit, what="{number}, id, to_json(person)::text", order="id DESC", whole=True)
    return [PersonRow(known[number], row, json.loads(text, parse_float=Decimal)) for number, row, text in found]


def addresses_beginning(databases: Sequence[Database], begins: str, limit: int) -> list[tuple[int, str]]:
    """Return account and normalised address of people whose address begins so, each once, in their order."""
    accounts = {database.pk: database.account_id for database in databases}
    found = _in_each(databases, begins, limit, what="DISTINCT {number}, lower({address})", order="2", whole=False)
    return sorted({(accounts[number], address) for number, address in found}, key=itemgetter(1))[:limit]


def _in_each(
    databases: Sequence[Database], asked: str, limit: int, *, what: str, order: str, whole: bool
) -> list[Any]:
    """Return what `what` and `order` pick of each database's rows; both are constants of this module."""
    each = sql.SQL(f"(SELECT {what} FROM {{people}} AS person WHERE {{wanted}} ORDER BY {order} LIMIT {{limit}})")  # noqa: S608  constants
    parts: list[sql.Composable] = []
    parameters: list[str | int] = []
    for database in databases:
        wanted, some = by_address(database, asked, whole=whole)
        address = sql.Identifier(address_column(database))
        parts.append(
            each.format(
                number=sql.Literal(database.pk),
                address=address,
                people=identifier(database),
                wanted=wanted,
                limit=sql.Literal(limit),
            )
        )
        parameters += some
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts), parameters)
        rows: list[Any] = cursor.fetchall()
        return rows
