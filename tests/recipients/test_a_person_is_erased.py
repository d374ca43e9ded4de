"""Reference 7.3: what we hold of a person goes, the counts stay, and no later list brings them back."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from psycopg import sql

from deliveries.messages import events
from deliveries.models import (
    Action,
    Activity,
    Delivery,
    Event,
    Hit,
    Message,
    MessageCopy,
    Newsletter,
    ProcessingRun,
    RowError,
    RunFile,
    RunTransition,
    SftpSpace,
    Subscription,
)
from deliveries.privacy.personal_data import personal_data_of
from deliveries.statistics.figures import figures
from deliveries.statistics.log import event_rows
from deliveries.statistics.report import report
from recipients import locks, suppressions, tables
from recipients.faults import Fault
from recipients.filtering import predicate_of
from recipients.models import BlacklistEntry, Filter, Reason

ADDRESS = "anna@mail.example"


@pytest.fixture
def delivery(database):
    newsletter = Newsletter.objects.create(
        account=database.account, database=database, name="Offers", from_address="news@shop.example"
    )
    return Delivery.objects.create(
        account=database.account, database=database, newsletter=newsletter, title="Winter", status="sent",
        started_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def message(delivery, people):
    (row,) = people({"email": "Anna@mail.example", "nome": "Anna"})
    people({"email": "bert@mail.example", "nome": "Bert"})
    made = Message.objects.create(
        delivery=delivery, recipient_id=row, address="Anna@mail.example", status="delivered",
        outcome_at=timezone.now(), reply="250 ok <anna@mail.example>",
    )  # fmt: skip
    Message.objects.create(
        delivery=delivery, recipient_id=row + 1, address="bert@mail.example", status="delivered",
        outcome_at=timezone.now(),
    )  # fmt: skip
    Delivery.objects.filter(pk=delivery.pk).update(size=2)
    return made


@pytest.fixture
def erase(account, capsys):
    def run(address=ADDRESS, name=account.name):
        call_command("erase_recipient", address, f"--account={name}", "--json")
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def run(account, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    space = SftpSpace.objects.create(account=account, name="s", username="s", host="127.0.0.1")
    return ProcessingRun.objects.create(
        account=account, space=space, semaphore="a.ok", file="a.xml", status="ERROR"
    )


def keep(run, name, content):
    file = RunFile.objects.create(
        run=run, role="csv", name=name, size=len(content), sha256=b"x" * 32, path=f"{run.pk}/{name}"
    )
    file.place.parent.mkdir(parents=True, exist_ok=True)
    file.place.write_bytes(content)
    return file


def rows_of(database):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT email FROM {} ORDER BY id").format(tables.identifier(database)))
        return [row[0] for row in cursor.fetchall()]


def test_rows_messages_events_and_hits_forget_the_person(database, message, erase):
    events.record_once(message, Action.OPT_OUT, ip="192.0.2.1", user_agent="Browser of Anna")
    Hit.objects.create(
        kind="c", message_id=message.pk, ip="192.0.2.1", agent="Browser", target="https://x.example/anna"
    )
    MessageCopy.objects.create(message=message, body=b"Dear Anna")
    Subscription.objects.create(
        newsletter=message.delivery.newsletter,
        address=ADDRESS,
        fingerprint=suppressions.fingerprint(ADDRESS),
        state=-1,
    )
    found = erase()
    assert found["removed"] | {"sentences": 0} == {
        "rows": 1, "messages": 1, "events": 1, "hits": 1, "row_errors": 0, "sentences": 0, "files": 0,
        "filters": 0, "downloads": 0,
    }  # fmt: skip
    assert rows_of(database) == ["bert@mail.example"]
    message.refresh_from_db()
    assert (message.recipient, message.reply) == (found["erased"], "")
    assert not MessageCopy.objects.exists()
    assert (Event.objects.get().ip, Event.objects.get().user_agent) == (None, "")
    assert (Hit.objects.get().ip, Hit.objects.get().agent, Hit.objects.get().target) == (None, "", "")
    assert Subscription.objects.get().address is None


def test_conditions_of_filters_forget_the_address_and_nobody_elses(database, message, erase):
    nested = {
        "match": "any",
        "conditions": [{"field": "email", "op": "in", "value": ["bert@mail.example", ADDRESS]}],
    }
    conditions = [{"field": "email", "op": "equals", "value": " Anna@mail.example"}, nested]
    naming = Filter.objects.create(database=database, name="Two", conditions=conditions)
    longer = [{"field": "email", "op": "equals", "value": f"jo{ADDRESS}"}]
    another = Filter.objects.create(database=database, name="Joanna", conditions=longer)
    found = erase()
    naming.refresh_from_db()
    another.refresh_from_db()
    nobody = f"{found['erased']}@erased.invalid"
    assert naming.conditions[0]["value"] == nobody
    assert naming.conditions[1]["conditions"][0]["value"] == ["bert@mail.example", nobody]
    assert another.conditions == longer
    assert found["removed"]["filters"] == 1
    assert predicate_of(naming)


def test_the_figures_stay_and_the_event_log_calls_the_person_by_a_number(delivery, message, erase):
    events.record_once(message, Action.OPT_OUT)
    before, told = figures([delivery.pk]), report(delivery)
    erased = erase()["erased"]
    assert figures([delivery.pk]) == before
    assert report(delivery) == told
    row = next(event_rows(Delivery.objects.all()))
    assert (row["recipient"], row["userID"]) == (erased, erased)


def test_142_a_later_list_does_not_bring_the_person_back(account, message, erase):
    erase()
    entry = BlacklistEntry.objects.get()
    assert (entry.address, entry.permanent, entry.note) == (None, True, "")
    assert suppressions.state_of(account, ADDRESS).name == "permanent"


def test_what_waits_to_go_out_does_not_go_out(message, erase):
    Message.objects.filter(pk=message.pk).update(status="deferred")
    erase()
    assert Message.objects.get(pk=message.pk).status == "blacklist"


def test_what_runs_quoted_of_the_person_is_emptied(run, erase):
    RowError.objects.create(
        run=run, file="a.csv", line=2, code="X", fault=Fault.written("bad").as_json(), excerpt=f"{ADDRESS};Anna"
    )
    RunTransition.objects.create(run=run, sub_status="SEMAPHORE_FOUND", started_at=timezone.now(), message=ADDRESS)
    quoted = Fault.of("ADDR_SYNTAX", address=ADDRESS, why=Fault.of("address.no_at")).as_json()
    type(run).objects.filter(pk=run.pk).update(fault=quoted, warning_faults=[quoted])
    assert erase()["removed"]["row_errors"] == 1
    run.refresh_from_db()
    assert ADDRESS not in f"{run.error} {run.warnings}"
    assert RowError.objects.get().excerpt == ""
    assert RunTransition.objects.get().message == ""


def test_kept_files_that_hold_the_address_go_and_others_stay(run, erase):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("list.csv", "email\nANNA@mail.example\n")
    gone = [keep(run, "a.csv", b"x" * 1024**2 + b"Anna@Mail.example"), keep(run, "a.zip", packed.getvalue())]
    stays = keep(run, "b.csv", b"bert@mail.example")
    assert erase()["removed"]["files"] == 2
    assert [file.place.exists() for file in gone] == [False, False]
    assert stays.place.exists()


def test_what_cannot_be_reached_is_named(run, account, erase):
    ProcessingRun.objects.filter(pk=run.pk).update(status="LOADING")
    keep(run, "a.csv", ADDRESS.encode())
    Activity.objects.create(account=account, verb="blacklist added", target=ADDRESS)
    left = "\n".join(erase()["not_reached"])
    for word in ("a.csv of run", "1 lines of the history", "SFTP spaces", "the mails themselves", "back-ups"):
        assert word in left


def test_it_is_in_the_history_by_number_alone_and_twice_does_no_harm(account, message, erase):
    first, second = erase(), erase()
    assert first["erased"] == second["erased"]
    assert {a.verb for a in Activity.objects.all()} == {"person erased"}
    assert ADDRESS not in str([(a.target, a.params) for a in Activity.objects.all()])


def test_a_database_that_is_being_loaded_is_waited_for(database, message, erase):
    locks.acquire(database.pk, "run 1", timedelta(seconds=60))
    with pytest.raises(CommandError, match="LOCKED: Userdb is locked"):
        erase()
    assert Message.objects.get(pk=message.pk).address == "Anna@mail.example"


def test_an_account_that_is_not_there_is_said_in_one_line(erase):
    with pytest.raises(CommandError, match="ACCOUNT_UNKNOWN"):
        erase(name="Nobody")


def test_everything_held_of_a_person_is_one_document_until_they_are_erased(account, database, message, erase):
    events.record_once(message, Action.OPT_OUT, ip="192.0.2.1", user_agent="Browser")
    suppressions.suppress(account, ADDRESS, Reason.UNSUBSCRIBED, delivery=message.delivery_id)
    Subscription.objects.create(
        newsletter=message.delivery.newsletter,
        address=ADDRESS,
        fingerprint=suppressions.fingerprint(ADDRESS),
        state=-1,
        source="page",
    )
    found = json.loads(json.dumps(personal_data_of(account, ADDRESS)))
    assert (found["rows"][0]["values"]["nome"], found["blacklist"]["reason"]) == ("Anna", 4)
    assert [(s["newsletter"], s["state"]) for s in found["subscriptions"]] == [("Offers", -1)]
    (sent,) = found["messages"]
    assert (sent["title"], sent["status"], sent["events"][0]["ip"]) == ("Winter", "delivered", "192.0.2.1")
    erase()
    after = personal_data_of(account, ADDRESS)
    assert (after["rows"], after["messages"]) == ([], [])
