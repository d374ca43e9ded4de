import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from deliveries.models import Delivery, Newsletter
from recipients import locks
from recipients.models import Account, Database
from tests.loading.conftest import make_database


def run(*arguments):
    out = StringIO()
    call_command("import_recipients", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def sizes(database):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM recipients_data.db_{database.pk}")
        return cursor.fetchone()[0]


def refused(*arguments):
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


def test_it_answers_with_the_counts(database, listed):
    path = listed("email,nome\na@mail.example,A\nbad,B\n")
    expected = {"good": 1, "bad": 1, "inserted": 1, "updated": 0, "deleted": 0}
    assert run(database.name, str(path)) == expected
    assert run(str(database.pk), str(path), "--account", "Shop", "--simulate") == expected
    assert run(database.name, str(path), "--mode", "update") == expected | {"inserted": 0, "updated": 1}
    assert run(database.name, str(path), "--mode", "delete")["deleted"] == 1


@pytest.mark.sentence("3.3-22")
@pytest.mark.parametrize(
    ("mode", "inserted", "updated", "deleted"),
    [("insert", 2, 0, 0), ("insert_new", 1, 0, 0), ("update", 0, 1, 0), ("replace", 2, 0, 2), ("delete", 0, 0, 1)],
)
def test_it_knows_every_mode_and_the_simulation_of_each(database, listed, mode, inserted, updated, deleted):
    run(database.name, str(listed("email,nome\na@mail.example,A\nb@mail.example,B\n")))
    path = str(listed("email,nome\na@mail.example,x\nc@mail.example,C\n"))
    expected = {"good": 2, "bad": 0, "inserted": inserted, "updated": updated, "deleted": deleted}
    assert run(database.name, path, "--mode", mode, "--simulate") == expected
    assert sizes(database) == 2
    assert run(database.name, path, "--mode", mode) == expected
    assert sizes(database) == 2 + inserted - deleted


def test_bad_rows_are_named_to_a_person(database, listed, capsys):
    call_command("import_recipients", database.name, str(listed("email\na@mail.example\nbad\n")))
    assert "line 3, column email: ADDR_SYNTAX" in capsys.readouterr().out


def test_a_database_of_another_account_is_not_found(database, listed):
    other = Account.objects.create(name="Other")
    Database.objects.create(account=other, name=database.name)
    path = str(listed("email\na@mail.example\n"))
    assert "--account" in refused(database.name, path)
    assert "DATABASE_UNKNOWN" in refused(str(database.pk), path, "--account", "Other")
    assert "DATABASE_UNKNOWN" in refused("nowhere", path)


@pytest.mark.sentence("3.4-07", "3.4-12")
def test_a_read_only_or_locked_database_is_refused(database, listed):
    path = str(listed("email\na@mail.example\n"))
    locks.acquire(database.pk, "run 1", timedelta(minutes=1))
    assert f"Userdb is locked {database.pk}" in refused(database.name, path)
    locks.release(database.pk, "run 1")
    Database.objects.filter(pk=database.pk).update(read_only=True)
    assert "READ_ONLY" in refused(database.name, path)


@pytest.mark.sentence("3.4-11")
def test_the_lock_is_given_back_after_a_failure(database, listed):
    assert "CSV_EMPTY" in refused(database.name, str(listed("email\n")))
    database.refresh_from_db()
    assert not database.locked_by


def test_a_file_that_is_not_there_is_one_line(database, tmp_path):
    assert "can't be read" in refused(database.name, str(tmp_path / "none.csv"))


@pytest.mark.sentence("3.4-09", "3.4-10")
@pytest.mark.parametrize("mode", ["replace", "delete"])
def test_people_are_not_taken_away_under_a_delivery_that_goes_out(db, listed, mode):
    database = make_database()
    newsletter = Newsletter.objects.create(
        account=database.account, name="N", database=database, from_address="n@shop.example"
    )
    delivery = Delivery.objects.create(
        account=database.account, newsletter=newsletter, database=database, title="T", subject="S", status="sending"
    )
    path = str(listed("email\na@mail.example\n"))
    assert f"locked by delivery {delivery.pk}" in refused(database.name, path, "--mode", mode)
    assert run(database.name, path)["inserted"] == 1
