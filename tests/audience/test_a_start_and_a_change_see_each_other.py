"""Reference 3.4: what a delivery that is just starting writes to is neither changed nor taken away."""

import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction

from deliveries import audience
from deliveries.models import Delivery
from recipients import locks, tables
from recipients.errors import ClientError, LockedError
from recipients.loading.modes import Mode, import_list
from recipients.models import Database, FieldType
from tests.sessions import waits_for_a_lock
from tests.waiting import PATIENCE, wait_for, wait_for_end

pytestmark = pytest.mark.django_db(transaction=True)

STRUCTURE = {
    "add": lambda database, refuse: tables.add_fields(database, [("punti", FieldType.INTEGER)], refuse=refuse),
    "rename": lambda database, refuse: tables.rename_field(database, "citta", "city", refuse=refuse),
    "remove": lambda database, refuse: tables.drop_field(database, "citta", refuse=refuse),
}


@pytest.fixture
def meanwhile(delivery, people):
    """Do something on another connection while a delivery's start is not committed; return what came of it."""
    people(("a@x.example", "Milano", 1))
    starting = delivery(status="scheduled")

    def run(act):
        came = []

        def work():
            try:
                came.append(act())
            except ClientError as error:
                came.append(error.message)
            finally:
                connections.close_all()

        other = threading.Thread(target=work)
        with transaction.atomic():
            Delivery.objects.filter(pk=starting.pk).update(status="sending")
            audience.freeze(starting)
            other.start()
            wait_for(waits_for_a_lock, "the change to wait for the start")
            assert came == []
        wait_for_end(other)
        assert came[0].startswith(f"database “Customers” is locked by delivery {starting.pk};")

    yield run
    tables.drop(starting.database)


@pytest.mark.sentence("3.4-14")
@pytest.mark.parametrize("change", STRUCTURE)
def test_a_structure_is_not_changed_under_a_start(meanwhile, database, change):
    meanwhile(lambda: STRUCTURE[change](database, audience.refuse_while_sending))
    assert [column.name for column in tables.columns(database)][1] == "citta"


@pytest.mark.sentence("3.4-14")
def test_a_start_waits_for_a_change_of_structure_that_is_being_made(delivery, people, database):
    people(("a@x.example", "Milano", 1))
    starting, asked, failed = delivery(status="scheduled"), threading.Event(), []

    def refuse(database):
        audience.refuse_while_sending(database)
        asked.set()
        wait_for(waits_for_a_lock, "the start to come in between, and to wait")

    def change():
        try:
            tables.rename_field(database, "citta", "city", refuse=refuse)
        except DatabaseError as error:
            failed.append(error)
        finally:
            connections.close_all()

    other = threading.Thread(target=change)
    other.start()
    assert asked.wait(PATIENCE)
    with transaction.atomic():
        Delivery.objects.filter(pk=starting.pk).update(status="sending")
        assert audience.freeze(starting) == 1
        assert [column.name for column in tables.columns(database)][1] == "city"
    wait_for_end(other)
    assert failed == []
    tables.drop(database)


@pytest.mark.sentence("3.4-14")
@pytest.mark.parametrize("mode", [Mode.REPLACE, Mode.DELETE])
def test_nobody_is_taken_away_under_a_start(meanwhile, database, tmp_path, mode):
    path = tmp_path / "list.csv"
    path.write_text("email\na@x.example\n")
    meanwhile(lambda: audience.import_people(database, path, mode, simulate=False))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "Email", citta FROM recipients_data.db_{database.pk}')
        assert cursor.fetchall() == [("a@x.example", "Milano")]


@pytest.mark.sentence("3.4-11", "3.4-12")
@pytest.mark.parametrize("fails", [False, True])
def test_an_import_by_hand_holds_the_lock_while_it_works_and_gives_it_back(database, tmp_path, fails):
    seen = []

    def load(database, *_given, **_named):
        seen.append(Database.objects.values_list("locked_by", "locked_since").get(pk=database.pk))
        if fails:
            raise ClientError("CSV_EMPTY", "nobody")

    if fails:
        with pytest.raises(ClientError):
            audience.import_people(database, tmp_path / "x", Mode.INSERT, load, simulate=False)
    else:
        audience.import_people(database, tmp_path / "x", Mode.INSERT, load, simulate=False)
    [(holder, since)] = seen
    assert holder.startswith("import by hand ")
    assert since is not None
    assert Database.objects.get(pk=database.pk).locked_by == ""
    tables.drop(database)


@pytest.mark.parametrize("mode", [Mode.INSERT, Mode.REPLACE])
def test_an_import_that_lost_its_lock_changes_nothing(database, tmp_path, mode):
    path = tmp_path / "list.csv"
    path.write_text("email\nb@x.example\n")

    def loses(database, *given, **named):
        Database.objects.filter(pk=database.pk).update(locked_by="another import")
        return import_list(database, *given, **named)

    with pytest.raises(LockedError):
        audience.import_people(database, path, mode, loses, simulate=False)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM recipients_data.db_{database.pk}")
        assert cursor.fetchone() == (0,)
    locks.release(database.pk, "another import")
    tables.drop(database)
