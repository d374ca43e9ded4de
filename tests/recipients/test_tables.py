from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from recipients import locks, tables
from recipients.errors import ClientError, LockedError
from recipients.models import Database, Field, FieldType


def allow(_database):
    """No delivery is going out."""


@pytest.mark.sentence("3.1-01", "3.1-03")
def test_each_type_is_a_column_of_its_own_kind(account):
    made = Database.objects.create(account=account, name="All")
    for kind in FieldType:
        Field.objects.create(database=made, name=f"f_{kind}", type=kind)
    tables.create(made)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
            "AND column_name LIKE 'f|_%%' ESCAPE '|'",
            [f"db_{made.pk}"],
        )
        assert dict(cursor.fetchall()) == {
            "f_string": "text",
            "f_text": "text",
            "f_html": "text",
            "f_integer": "bigint",
            "f_decimal": "numeric",
            "f_boolean": "boolean",
            "f_date": "date",
            "f_datetime": "timestamp without time zone",
            "f_email": "text",
            "f_phone": "text",
        }


@pytest.mark.sentence("3.1-05")
@pytest.mark.parametrize("name", ["a", "_", "Z9", "_9z", "a" * 63])
def test_a_name_of_letters_digits_and_lines_below_is_a_column(database, name):
    tables.add_fields(database, [(name, FieldType.STRING)])
    assert tables.columns(database)[-1].name == name


@pytest.mark.sentence("3.1-06")
def test_values_come_back_typed_by_lower_case_name_and_decimals_keep_their_digits(database, people):
    row = {
        "email": "A@x.example",
        "nome": "Zoë",
        "eta": 2**62,
        "saldo": Decimal("10.50"),
        "attivo": False,
        "nato": date(1980, 2, 29),
        "visto": datetime(2026, 3, 29, 2, 30),  # noqa: DTZ001  as loaded: no zone
        "XML_DELIVERY_CODE": "XMLD-1-N",
    }
    [one] = people(row)
    values = tables.read_values(database, [one, one + 1])
    assert values == {one: {"note": None, **{name.lower(): value for name, value in row.items()}}}
    assert str(values[one]["saldo"]) == "10.50"


def test_the_address_and_the_code_are_indexed(database):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [f"db_{database.pk}"])
        made = " ".join(row[0] for row in cursor.fetchall())
    assert "lower(email)" in made
    assert '"XML_DELIVERY_CODE"' in made


def test_a_field_that_is_added_is_seen_by_whoever_reads_the_database_anew(database, people):
    [one] = people({"email": "a@x.example"})
    before = database.version
    tables.add_fields(database, [("punti", FieldType.INTEGER)])
    again = Database.objects.get(pk=database.pk)
    assert again.version > before
    assert tables.columns(again)[-1] == tables.Column("punti", FieldType.INTEGER)
    assert tables.read_values(again, [one])[one]["punti"] is None


def test_stored_fields_without_a_column_get_one(database, people):
    Field.objects.create(database=database, name="punti", type="integer", position=50)
    tables.add_fields(database, [])
    [one] = people({"email": "a@x.example", "punti": 3})
    assert tables.read_values(database, [one])[one]["punti"] == 3


def test_a_field_is_renamed_with_its_values_and_the_key_follows(database, people):
    [one] = people({"email": "a@x.example", "nome": "Ada"})
    Database.objects.filter(pk=database.pk).update(key="nome")
    database.refresh_from_db()
    tables.rename_field(database, "NOME", "first_name", refuse=allow)
    assert tables.read_values(database, [one])[one]["first_name"] == "Ada"
    assert Database.objects.get(pk=database.pk).key == "first_name"


def test_a_field_is_removed_but_neither_the_address_nor_the_key(database):
    tables.drop_field(database, "note", refuse=allow)
    assert "note" not in [column.name for column in tables.columns(database)]
    with pytest.raises(ClientError, match="is the address"):
        tables.drop_field(database, "email", refuse=allow)
    database.key = "nome"
    with pytest.raises(ClientError, match="key first"):
        tables.drop_field(database, "nome", refuse=allow)


@pytest.mark.sentence("3.4-13")
def test_no_structure_changes_while_the_database_is_locked(database):
    locks.acquire(database.pk, "run 7", timedelta(minutes=1))
    with pytest.raises(LockedError, match=f"Userdb is locked {database.pk}"):
        tables.add_fields(database, [("punti", FieldType.INTEGER)])
    locks.release(database.pk, "run 7")
    tables.add_fields(database, [("punti", FieldType.INTEGER)])


@pytest.mark.sentence("3.1-05", "3.1-06")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("id", "FIELD_RESERVED"),
        ("Ctid", "FIELD_RESERVED"),
        ("NOME", "FIELD_TWICE"),
        ('x"; DROP TABLE recipients_account; --', "FIELD_NAME"),
        ("1st", "FIELD_NAME"),
        ("città", "FIELD_NAME"),
        ("a" * 64, "FIELD_NAME"),
    ],
)
def test_a_name_that_can_not_be_a_column_is_refused(database, name, code):
    with pytest.raises(ClientError) as caught:
        tables.add_fields(database, [(name, FieldType.STRING)])
    assert caught.value.code == code


@pytest.mark.sentence("3.1-07")
def test_a_database_has_exactly_one_address(account, database):
    with pytest.raises(ClientError, match="second e-mail"):
        tables.add_fields(database, [("other", FieldType.EMAIL)])
    bare = Database.objects.create(account=account, name="Bare")
    with pytest.raises(ClientError, match="exactly one"):
        tables.create(bare)


@pytest.mark.sentence("3.1-08")
def test_a_database_has_at_most_a_hundred_fields(database):
    with pytest.raises(ClientError, match="at most 100"):
        tables.add_fields(database, [(f"f{number}", FieldType.STRING) for number in range(92)])
    tables.add_fields(database, [(f"f{number}", FieldType.STRING) for number in range(91)])
    assert len(tables.columns(database)) == 100


def test_a_table_is_dropped_whole(database):
    tables.drop(database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"recipients_data.db_{database.pk}"])
        assert cursor.fetchone() == (None,)
