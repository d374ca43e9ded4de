from datetime import date, datetime
from decimal import Decimal

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from recipients import tables
from recipients.errors import ClientError, ServiceError
from recipients.loading import BadRowsError, Dialect, InlineRecipient, load_csv, load_inline
from tests.loading.conftest import make_database

PLAIN = Dialect()


def rows(database):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(tables.identifier(database)))
        ids = [row[0] for row in cursor.fetchall()]
    values = tables.read_values(database, ids)
    return [values[key] for key in ids]


def test_every_type_is_stored_as_it_was_meant(database, listed):
    path = listed(
        "EMAIL,Nome,pagina,ordine,peso,nato,visto,socio,tel\r\n"
        'Anna@Mail.EXAMPLE,"O""Neill\t\\N",<p>\\.</p>,-7,"1.234,50",31/12/1999,2025-03-30 02:30,sì,+39 02\r\n'
        "bo@mail.example,,,,,0000-00-00,,,\r\n"
    )
    assert load_csv(database, path, PLAIN, code="XMLD-1-N", limit=0.1).good == 2
    first, second = rows(database)
    assert first == {
        "email": "Anna@mail.example",
        "nome": 'O"Neill\t\\N',
        "pagina": "<p>\\.</p>",
        "ordine": -7,
        "peso": Decimal("1234.50"),
        "nato": date(1999, 12, 31),
        "visto": datetime.fromisoformat("2025-03-30 02:30"),
        "socio": True,
        "tel": "+39 02",
        "xml_delivery_code": "XMLD-1-N",
    }
    assert str(first["peso"]) == "1234.50"
    assert {name for name, value in second.items() if value is None} == set(first) - {"email", "xml_delivery_code"}


@pytest.mark.sentence("3.2-04")
def test_rows_are_appended_and_columns_that_are_not_given_stay_empty(database, listed):
    for code in ("XMLD-1-N", "XMLD-2-N"):
        load_csv(database, listed("email\na@mail.example\n"), PLAIN, code=code, limit=0.1)
    assert [(row["xml_delivery_code"], row["nome"]) for row in rows(database)] == [
        ("XMLD-1-N", None),
        ("XMLD-2-N", None),
    ]


@pytest.mark.sentence("3.2-37")
def test_nothing_is_stored_when_too_many_rows_are_bad(database, listed):
    data = "email\n" + "good@mail.example\n" * 90_000 + "bad\n" * 15_000
    with pytest.raises(BadRowsError) as caught:
        load_csv(database, listed(data), PLAIN, code="X", limit=0.1)
    assert caught.value.code == "CSV_TOO_MANY_ERRORS"
    assert caught.value.result.bad == 15_000
    assert len(caught.value.result.faults) == 10_000
    assert "15,000 of 105,000" in caught.value.message
    assert rows(database) == []


@pytest.mark.sentence("3.2-36")
def test_the_good_rows_of_a_list_with_one_percent_of_bad_ones_are_loaded(database, listed):
    data = "email\n" + ("good@mail.example\n" * 99 + "bad\n") * 20
    result = load_csv(database, listed(data), PLAIN, code="X", limit=0.1)
    assert (result.good, result.bad, result.faults[1].line) == (1980, 20, 201)
    assert len(rows(database)) == 1980


@pytest.mark.sentence("3.3-09")
def test_what_fails_within_the_load_takes_the_rows_back(database, listed):
    def fail(result):
        assert result.good == 1
        raise ClientError("ELSEWHERE", "not today")

    with pytest.raises(ClientError, match="not today"):
        load_csv(database, listed("email\na@mail.example\n"), PLAIN, code="X", limit=0.1, within=fail)
    assert rows(database) == []


def test_progress_is_told_while_the_list_loads(database, listed):
    heard = []
    data = "email\n" + "good@mail.example\n" * 60_000
    load_csv(database, listed(data), PLAIN, code="X", limit=0.1, progress=heard.append)
    assert heard == sorted(heard)
    assert len(heard) >= 4
    assert heard[-1] <= 60_000


def test_a_query_while_the_list_loads_fails_instead_of_waiting_for_ever(database, listed):
    data = "email\n" + "good@mail.example\n" * 30_000
    with pytest.raises(RuntimeError, match="open COPY"):
        load_csv(database, listed(data), PLAIN, limit=0.1, progress=lambda _rows: rows(database))
    assert rows(database) == []


def test_a_table_without_the_code_field_is_refused(db, listed):
    database = make_database(fields=[("email", "email")])
    with pytest.raises(ClientError) as caught:
        load_csv(database, listed("email\na@mail.example\n"), PLAIN, code="X", limit=0.1)
    assert caught.value.code == "NO_CODE_FIELD"


@pytest.mark.sentence("3.3-09")
@pytest.mark.django_db(transaction=True)
def test_a_server_that_goes_away_is_our_fault_and_not_the_clients(listed):
    database = make_database()
    data = "email\n" + "good@mail.example\n" * 200_000

    def cut(_rows):
        with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    with pytest.raises(ServiceError) as caught:
        load_csv(database, listed(data), PLAIN, code="X", limit=0.1, progress=cut)
    assert caught.value.code == "DATABASE"
    connection.close()
    assert rows(database) == []
    tables.drop(database)


@pytest.mark.sentence("3.3-11")
def test_inline_recipients_are_judged_as_the_rows_of_a_list_are(database):
    people = [
        InlineRecipient(10, (("EMAIL", "a@mail.example"), ("ordine", "5"))),
        InlineRecipient(14, (("nome", "B\n\\"), ("email", "b@mail.example"))),
        InlineRecipient(18, (("email", "c@mail.example"), ("ordine", "five"))),
        InlineRecipient(22, (("nome", "nobody"),)),
    ]
    result = load_inline(database, people, code="X", limit=0.5)
    assert [(fault.line, fault.column, fault.code) for fault in result.faults] == [
        (18, "ordine", "CSV_TYPE"),
        (22, "email", "ADDR_EMPTY"),
    ]
    assert [(row["email"], row["nome"], row["ordine"]) for row in rows(database)] == [
        ("a@mail.example", None, 5),
        ("b@mail.example", "B\n\\", None),
    ]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((("email", "a@mail.example"), ("cap", "1")), "CSV_UNKNOWN_COLUMN"),
        ((("email", "a@mail.example"), ("Email", "b@mail.example")), "CSV_DUP_HEADER"),
        ((("email", "a@mail.example"), ("xml_delivery_code", "1")), "CSV_RESERVED"),
    ],
)
def test_a_name_that_no_recipient_may_give_is_an_error_with_its_line(database, values, code):
    with pytest.raises(ClientError) as caught:
        load_inline(database, [InlineRecipient(7, values)], code="X", limit=0.5)
    assert caught.value.code == code
    assert "line 7" in caught.value.message
    assert "nome, pagina, ordine" in caught.value.message or code == "CSV_RESERVED"


def test_at_most_thirty_test_people_are_taken_and_the_rest_is_counted(database, listed):
    data = "email\n" + "bad\n" + "good@mail.example\n" * 40
    result = load_csv(database, listed(data), PLAIN, code="X", limit=0.5, at_most=30)
    assert (result.good, result.bad, result.ignored) == (29, 1, 11)


@pytest.mark.sentence("3.3-12")
def test_at_most_thirty_test_people_of_the_xml_are_taken_and_the_rest_is_counted(database):
    everybody = [InlineRecipient(line, (("email", "qa@mail.example"),)) for line in range(41)]
    result = load_inline(database, everybody, code="X", limit=0.5, at_most=30)
    assert (result.good, result.ignored, len(rows(database))) == (30, 11, 30)
