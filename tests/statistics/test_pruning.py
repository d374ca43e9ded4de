"""Reference 10: what is past its retention goes, figures stay, and half a prune does no harm."""

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Failure

from deliveries import conf
from deliveries.models import Delivery, Event, EventKey, Hit, Message, ProcessingRun, RowError, RunFile, SftpSpace
from deliveries.privacy.retention import prune
from deliveries.statistics import pruning
from deliveries.statistics.figures import figures
from deliveries.statistics.keeping import keep_ended
from deliveries.tracking.classifier import months
from recipients.faults import Fault
from recipients.models import Account, Invitation

LONG_AGO = datetime(2023, 3, 15, tzinfo=UTC)


def partitions(table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table])
        return {row[0] for row in cursor.fetchall()}


def test_each_month_has_room_and_what_came_without_it_is_moved(delivery, message, event):
    moved = event(message("delivered"), "v")
    Event.objects.update(at=LONG_AGO)
    made = months.ensure(LONG_AGO)
    assert made == [
        f"deliveries_{table}_2023_{month}" for table in ("hit", "event") for month in ("03", "04", "05")
    ]
    assert months.ensure(LONG_AGO) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM deliveries_event WHERE id = %s", [moved.pk])
        assert cursor.fetchone()[0] == "deliveries_event_2023_03"


def test_old_months_are_dropped_and_the_figures_stay(delivery, message, event):
    months.ensure(LONG_AGO), months.ensure()
    old, new = message("delivered"), message("delivered")
    event(old, "v"), event(new, "v")
    Event.objects.filter(message=old).update(at=LONG_AGO)
    Event.objects.filter(message=new).update(at=timezone.now())
    Hit.objects.create(kind="o", message_id=old.pk, at=LONG_AGO)
    Hit.objects.create(kind="o", message_id=new.pk)
    before = figures([delivery.pk])
    gone = prune()
    assert (gone["months_of_hits"], gone["months_of_events"]) == (3, 3)
    assert not {name for name in partitions("deliveries_event") if "2023" in name}
    assert (Event.objects.count(), Hit.objects.count()) == (1, 1)
    assert figures([delivery.pk]) == before
    assert prune()["months_of_events"] == 0


def test_addresses_of_visitors_go_before_their_events(delivery, message, event):
    now = timezone.now()
    for days in (1, 89, 91, 200):
        made = event(message("delivered"), "v", ip="192.0.2.1")
        Event.objects.filter(pk=made.pk).update(at=now - timedelta(days=days))
    assert prune()["ip_addresses"] == 2
    assert Event.objects.filter(ip=None).count() == 2
    assert prune()["ip_addresses"] == 0


@pytest.mark.django_db
def test_sessions_that_ended_old_invitations_and_what_failed_tasks_said_go():
    now, account = timezone.now(), Account.objects.create(name="Shop")
    for days in (-1, 1):
        Session.objects.create(session_key=f"k{days}", session_data="", expire_date=now + timedelta(days=days))
    for days in (29, 31):
        made = Invitation.objects.create(account=account, email=f"{days}@shop.example", name=f"{days}")
        Invitation.objects.filter(pk=made.pk).update(created_at=now - timedelta(days=days))
        at = now - timedelta(days=days)
        Failure.objects.create(
            id=f"f{days}", name="n", func="f", started=at, stopped=at, success=False, attempt_count=1
        )
    gone = prune()
    assert (gone["sessions"], gone["invitations"], gone["failed_tasks"]) == (1, 1, 1)
    assert Session.objects.get().session_key == "k1"
    assert Invitation.objects.get().name == "29"
    assert Failure.objects.get().id == "f29"


def test_messages_go_once_their_figures_are_kept(delivery, message, settings):
    message("delivered"), message("bounced", category=1)
    Delivery.objects.update(started_at=LONG_AGO, status="sent", size=2)
    assert prune()["messages"] == 0
    keep_ended(), keep_ended()
    before = figures([delivery.pk])
    assert prune()["messages"] == 2
    assert not Message.objects.exists()
    assert figures([delivery.pk]) == before


def test_143_a_prune_that_is_broken_off_halfway_goes_on_where_it_was(delivery, message, monkeypatch):
    for _ in range(3):
        message("delivered")
    Delivery.objects.update(started_at=LONG_AGO, status="sent", size=3)
    keep_ended(), keep_ended()
    before, steps = figures([delivery.pk]), [1, 2]

    def atomic():
        steps.pop()  # the third is never begun
        return transaction.atomic()

    monkeypatch.setattr(pruning, "_CHUNK", 1)
    monkeypatch.setattr(pruning, "transaction", SimpleNamespace(atomic=atomic))
    with pytest.raises(IndexError):
        prune()
    assert Message.objects.count() == 1
    assert figures([delivery.pk]) == before
    monkeypatch.undo()
    assert prune()["messages"] == 1
    assert figures([delivery.pk]) == before


def test_runs_lose_their_files_and_rows_and_keep_their_story(delivery, tmp_path, settings, capsys):
    settings.STATE_DIR = tmp_path
    now, space = timezone.now(), SftpSpace.objects.create(account=delivery.account, name="s", username="s")
    for days, name in ((29, "new"), (31, "middle"), (91, "old")):
        run = ProcessingRun.objects.create(
            account=delivery.account,
            space=space,
            semaphore=name,
            file=f"{name}.xml",
            status="SUCCESS",
            sub_status="DELIVERY_FINISHED",
        )
        ProcessingRun.objects.filter(pk=run.pk).update(ended_at=now - timedelta(days=days))
        place = conf.spool() / name / "a.xml"
        place.parent.mkdir(parents=True)
        place.write_text("<x/>")
        RunFile.objects.create(run=run, role="xml", name="a.xml", size=4, sha256=b"", path=f"{name}/a.xml")
        RowError.objects.create(run=run, file="a.csv", line=1, code="X", fault=Fault.written("x").as_json())
    EventKey.objects.create(key="o:1", at=LONG_AGO)
    conf.uploads().mkdir()
    for hours, name in ((23, "waiting"), (25, "forgotten")):
        upload = conf.uploads() / name
        upload.touch()
        os.utime(upload, times=(now.timestamp() - hours * 3600,) * 2)
    (conf.spool() / "old" / "a.xml").unlink()  # an earlier one was killed between the file and its row
    call_command("prune")
    call_command("prune")
    assert "files" in capsys.readouterr().out
    assert [path.name for path in conf.spool().iterdir()] == ["new"]
    assert [path.name for path in conf.uploads().iterdir()] == ["waiting"]
    assert list(RunFile.objects.values_list("path", flat=True)) == ["new/a.xml"]
    assert RowError.objects.count() == 2
    assert not EventKey.objects.exists()
    assert ProcessingRun.objects.count() == 3
