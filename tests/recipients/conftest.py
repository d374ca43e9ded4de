import pytest
from django.db import connection
from psycopg import sql

from recipients import tables
from recipients.models import Account, Database, Field

EVERY_TYPE = [
    ("email", "email"),
    ("nome", "string"),
    ("note", "text"),
    ("eta", "integer"),
    ("saldo", "decimal"),
    ("attivo", "boolean"),
    ("nato", "date"),
    ("visto", "datetime"),
    ("XML_DELIVERY_CODE", "string"),
]


@pytest.fixture
def account(db):
    return Account.objects.create(name="Shop")


@pytest.fixture
def database(account):
    made = Database.objects.create(account=account, name="Customers")
    for position, (name, kind) in enumerate(EVERY_TYPE):
        Field.objects.create(database=made, name=name, type=kind, position=position)
    tables.create(made)
    return made


@pytest.fixture
def people(database):
    def load(*rows):
        """Store rows given as mappings of field to value; return their ids."""
        ids = []
        with connection.cursor() as cursor:
            for row in rows:
                query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
                    tables.identifier(database),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.SQL("%s")] * len(row)),
                )
                cursor.execute(query, list(row.values()))
                ids.append(cursor.fetchone()[0])
        return ids

    return load
