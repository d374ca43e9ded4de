import pytest
from django.db import connection
from psycopg import sql

from recipients import tables
from recipients.errors import ClientError
from recipients.loading import Dialect, load_csv
from recipients.loading.modes import Mode, import_list
from tests.loading.conftest import make_database


def people(database):
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT email, nome, ordine FROM {} ORDER BY id").format(tables.identifier(database))
        )
        return cursor.fetchall()


@pytest.fixture
def run(listed):
    def bring(database, mode, data, *, simulate=False):
        changes = import_list(database, listed(data), Dialect(), Mode(mode), limit=0.5, simulate=simulate)
        return changes.rows.good, changes.rows.bad, changes.inserted, changes.updated, changes.deleted

    return bring


@pytest.fixture
def filled(database, run):
    run(database, "insert", "email,nome,ordine\na@mail.example,old,1\na@mail.example,new,2\nb@mail.example,B,3\n")
    return database


@pytest.mark.sentence("3.3-14")
def test_insert_appends_every_good_row(filled, run):
    assert run(filled, "insert", "email\na@mail.example\nbad\n") == (1, 1, 1, 0, 0)
    assert len(people(filled)) == 4


@pytest.mark.sentence("3.3-15")
def test_insert_new_leaves_out_who_is_there_and_takes_the_last_of_a_key(filled, run):
    data = "email,nome\nA@mail.example,x\nc@mail.example,first\nC@mail.example,last\n"
    assert run(filled, "insert_new", data) == (3, 0, 1, 0, 0)
    assert people(filled)[3:] == [("C@mail.example", "last", None)]


@pytest.mark.sentence("3.1-13", "3.3-16")
def test_update_writes_the_given_columns_to_the_newest_row_of_each_key(filled, run):
    data = "email,nome\na@mail.example,x\nA@mail.example,newest\nnobody@mail.example,y\n"
    assert run(filled, "update", data) == (3, 0, 0, 1, 0)
    assert people(filled) == [
        ("a@mail.example", "old", 1),
        ("A@mail.example", "newest", 2),
        ("b@mail.example", "B", 3),
    ]


@pytest.mark.sentence("3.1-18", "3.3-18")
def test_delete_takes_the_newest_row_of_each_key(filled, run):
    assert run(filled, "delete", "email\na@mail.example\nnobody@mail.example\n") == (2, 0, 0, 0, 1)
    assert [name for _email, name, _order in people(filled)] == ["old", "B"]


@pytest.mark.sentence("3.3-17")
def test_replace_empties_the_database_first(filled, run):
    assert run(filled, "replace", "email\nz@mail.example\n") == (1, 0, 1, 0, 3)
    assert [email for email, _name, _order in people(filled)] == ["z@mail.example"]


@pytest.mark.sentence("3.3-19")
@pytest.mark.parametrize("mode", list(Mode))
def test_a_simulation_counts_the_same_and_changes_nothing(filled, run, mode):
    before = people(filled)
    data = "email,nome\nb@mail.example,x\nnew@mail.example,y\n"
    counted = run(filled, mode, data, simulate=True)
    assert people(filled) == before
    assert counted == run(filled, mode, data)
    assert people(filled) != before


@pytest.mark.sentence("3.1-16")
def test_a_chosen_key_names_the_people_and_the_address_need_not_be_given(db, run):
    database = make_database(key="Ordine")
    run(database, "insert", "email,ordine,nome\na@mail.example,1,A\nb@mail.example,2,B\n")
    assert run(database, "update", "ordine,nome\n2,new\n") == (1, 0, 0, 1, 0)
    assert run(database, "delete", "ordine\n1\n") == (1, 0, 0, 0, 1)
    assert people(database) == [("b@mail.example", "new", 2)]
    with pytest.raises(ClientError) as caught:
        run(database, "delete", "email\nb@mail.example\n")
    assert caught.value.code == "CSV_NO_EMAIL"


@pytest.mark.sentence("3.3-23")
def test_nothing_is_replaced_by_a_list_without_good_rows(filled, run):
    before = people(filled)
    for data in ("email\n", "email\nbad\n"):
        with pytest.raises(ClientError):
            run(filled, "replace", data)
    assert people(filled) == before


def test_rows_without_a_key_are_all_new(db, run):
    database = make_database(key="ordine")
    run(database, "insert", "email,ordine\na@mail.example,1\n")
    data = "email,ordine\nb@mail.example,\nc@mail.example,\nd@mail.example,1\n"
    assert run(database, "insert_new", data) == (3, 0, 2, 0, 0)


@pytest.mark.sentence("3.1-12")
def test_a_key_is_not_unique_what_a_bundle_brings_is_appended(db, listed):
    database = make_database(key="ordine")
    for code in ("XMLD-1-N", "XMLD-2-N"):
        load_csv(
            database, listed("email,ordine\na@mail.example,7\na@mail.example,7\n"), Dialect(), code=code, limit=0
        )
    assert [row[2] for row in people(database)] == [7] * 4
