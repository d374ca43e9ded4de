import pytest
from django.db import connection, transaction
from psycopg import sql

from deliveries import audience
from deliveries.models import Delivery, Newsletter
from recipients import tables
from recipients.models import Account, Database, Field, Filter


@pytest.fixture
def database(db):
    account = Account.objects.create(name="Shop")
    made = Database.objects.create(account=account, name="Customers")
    fields = [("Email", "email"), ("citta", "string"), ("ordine", "integer"), ("XML_DELIVERY_CODE", "string")]
    for position, (name, kind) in enumerate(fields):
        Field.objects.create(database=made, name=name, type=kind, position=position)
    tables.create(made)
    return made


@pytest.fixture
def newsletter(database):
    return Newsletter.objects.create(
        account=database.account, database=database, name="Offers", from_address="news@shop.example"
    )


@pytest.fixture
def people(database):
    def load(*rows):
        """Store rows of (address, citta, ordine, code), later ones may be left out; return their ids."""
        ids = []
        with connection.cursor() as cursor:
            for row in rows:
                values = [*row, *[None] * (4 - len(row))]
                query = sql.SQL("INSERT INTO {} ({}) VALUES (%s, %s, %s, %s) RETURNING id").format(
                    tables.identifier(database),
                    sql.SQL(", ").join(sql.Identifier(column.name) for column in tables.columns(database)),
                )
                cursor.execute(query, values)
                ids.append(cursor.fetchone()[0])
        return ids

    return load


@pytest.fixture
def delivery(newsletter):
    def make(**values):
        return Delivery.objects.create(
            **{
                "account": newsletter.account,
                "database": newsletter.database,
                "newsletter": newsletter,
                "title": "Winter",
                **values,
            }
        )

    return make


@pytest.fixture
def chosen(database):
    def make(*conditions, match="all", **values):
        return Filter.objects.create(
            database=values.pop("database", database),
            name=values.pop("name", "Some"),
            match=match,
            conditions=list(conditions),
            **values,
        )

    return make


@pytest.fixture
def frozen():
    def freeze(delivery):
        """Freeze and return {address: status} in the order of the rows."""
        with transaction.atomic():
            audience.freeze(delivery)
        delivery.refresh_from_db()
        return {message.address: message.status for message in delivery.messages.order_by("recipient_id")}

    return freeze
