import pytest
import tablib
from django.db import connection
from psycopg import sql

from recipients import tables
from recipients.errors import ClientError
from recipients.loading import Dialect
from recipients.loading.by_hand import import_by_hand
from recipients.loading.modes import Mode, import_list
from recipients.loading.resource import resource_for
from recipients.loading.upload import read_upload
from tests.loading.conftest import make_database

PLAIN = Dialect()
FILLED = "email,nome,ordine\na@mail.example,old,1\na@mail.example,new,2\nb@mail.example,B,3\n"
LISTS = {
    "people": "EMAIL,Nome,ordine,peso,nato,visto,socio\n"
    'A@mail.example,"x, y",5,"1.234,50",31/12/1999,2025-03-30 02:30,sì\n'
    "c@mail.example,first,007,,,,\nC@mail.example,last,,,,,no\nbad,z,,,,,\nd@mail.example,z,five,,,,\n",
    "only the key": "email\nb@mail.example\nB@mail.example\nnobody@mail.example\n",
}


def people(database):
    names = [column.name for column in tables.columns(database)]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM {} ORDER BY lower(email), nome, id").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), tables.identifier(database)
            )
        )
        return cursor.fetchall()


def filled(listed, **kwargs):
    database = make_database(**kwargs)
    import_list(database, listed(FILLED), PLAIN, Mode.INSERT, limit=0.5)
    return database


@pytest.mark.sentence("3.1-13", "3.1-18", "3.3-19", "3.3-21")
@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("mode", list(Mode))
def test_the_library_does_what_the_bulk_import_does(db, listed, mode, text):
    ours, theirs = filled(listed), filled(listed)
    changes = import_list(ours, listed(text), PLAIN, mode, limit=0.9)
    before = people(theirs)
    assert import_by_hand(theirs, listed(text), PLAIN, mode, limit=0.9, simulate=True) == changes
    assert people(theirs) == before
    assert import_by_hand(theirs, listed(text), PLAIN, mode, limit=0.9) == changes
    assert people(theirs) == people(ours)


@pytest.mark.sentence("3.3-21")
def test_a_list_of_30_mb_is_held_in_memory_and_a_larger_one_is_not(db, listed):
    database = make_database()
    head = "email,pagina\n"
    row = f"a@mail.example,{'x' * 1_000_000}\n"
    full = head + row * 31
    path = listed(full + "\n" * (30 * 1024**2 - len(full)))
    assert path.stat().st_size == 30 * 1024**2
    assert len(read_upload(database, path, PLAIN, Mode.INSERT)) == 31
    with path.open("ab") as file:
        file.write(b"\n")
    assert read_upload(database, path, PLAIN, Mode.INSERT) is None


@pytest.mark.sentence("3.3-21")
@pytest.mark.parametrize("most", [(10, 50_000), (10_000, 1)])
def test_what_is_too_large_for_memory_goes_by_copy(db, listed, most):
    database = filled(listed)
    heard = []
    text = "email\n" + "x@mail.example\n" * 20_000
    changes = import_by_hand(
        database, listed(text), PLAIN, Mode.INSERT, limit=0.5, progress=heard.append, in_memory=most
    )
    assert (changes.inserted, bool(heard)) == (20_000, True)


@pytest.mark.sentence("3.1-16")
def test_a_key_of_another_field_names_the_people(db, listed):
    database = filled(listed, key="ordine")
    changes = import_by_hand(database, listed("ordine;nome\n2;x\n3;y\n9;z\n"), PLAIN, Mode.UPDATE, limit=0.5)
    assert changes.updated == 2
    assert [row[1] for row in people(database)] == ["old", "x", "y"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("email\n", "CSV_EMPTY"), ("email\nbad\n", "CSV_TOO_MANY_ERRORS"), ("nome\nx\n", "CSV_NO_EMAIL")],
)
def test_nobody_is_replaced_by_a_list_that_cannot_be_read(db, listed, text, code):
    database = filled(listed)
    with pytest.raises(ClientError) as caught:
        import_by_hand(database, listed(text), PLAIN, Mode.REPLACE, limit=0.5)
    assert caught.value.code == code
    assert len(people(database)) == 3


def test_a_dataset_that_a_page_made_is_judged_too_and_its_errors_stand_in_the_result(db, listed):
    database = filled(listed)
    resource = resource_for(database)(Mode.INSERT)
    bad = resource.import_data(tablib.Dataset(["x"], headers=["cap"]), dry_run=True)
    assert (bad.has_errors(), bad.base_errors[0].error.code) == (True, "CSV_NO_EMAIL")
    mixed = resource.import_data(tablib.Dataset(["n@mail.example", 7], ["bad", None], headers=["email", "ordine"]))
    assert (mixed.changes.inserted, [fault.line for fault in mixed.checked.faults]) == (1, [3])


def test_what_is_exported_can_be_imported_and_a_formula_does_no_harm(db, listed):
    database = filled(listed)
    text = "email,nome,peso,visto,socio,tel\nz@mail.example,=1+1,1.50,2025-01-02 03:04,no,+39 02\n"
    import_by_hand(database, listed(text), PLAIN, Mode.REPLACE, limit=0.5)
    exported = resource_for(database)().export()
    assert exported.dict == [
        {
            "email": "z@mail.example",
            "nome": "'=1+1",
            "pagina": "",
            "ordine": "",
            "peso": "1.50",
            "nato": "",
            "visto": "2025-01-02 03:04:00",
            "socio": "0",
            "tel": "+39 02",
        }
    ]
    again = import_by_hand(database, listed(exported.export("csv")), PLAIN, Mode.INSERT, limit=0.1)
    assert again.inserted == 1
