"""Reference 4.2: ten failed runs within an hour are mailed one by one, what follows in one mail an hour."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import clock, tasks
from deliveries.intake.runs import summary_mail
from deliveries.models import ProcessingRun, SftpSpace
from tests.sending.smtp_server import SmtpServer


@pytest.fixture
def relay(settings):
    server = SmtpServer()
    settings.SMTP_URL = server.url
    yield server
    server.stop()


@pytest.fixture
def told(space):
    SftpSpace.objects.update(reports=["email"], notify=["ops@demo.example"])
    space.refresh_from_db()
    return space


def failed(space, number, **further):
    return ProcessingRun.objects.create(
        account=space.account, space=space, semaphore=f"{number}.ok", file=f"{number}.xml", semaphore_gone=True,
        status="ERROR", sub_status="XML_ERROR", code="XML_SCHEMA", fault="no", ended_at=timezone.now(), **further,
    )  # fmt: skip


def subjects(relay):
    lines = [body.partition(b"\n\n")[0].replace(b"\r", b"").decode() for _, _, body in relay.accepted]
    return [line.removeprefix("Subject: ") for head in lines for line in head.split("\n") if "Subject: " in line]


def an_hour_later(space):
    hour = timedelta(hours=1, minutes=1)
    for run in ProcessingRun.objects.all():
        ProcessingRun.objects.filter(pk=run.pk).update(ended_at=run.ended_at - hour)
    space.refresh_from_db()
    SftpSpace.objects.update(collecting_since=space.collecting_since and space.collecting_since - hour)


def rung(space):
    OrmQ.objects.all().delete()
    clock.enqueue_mails()
    for task in OrmQ.objects.all():
        getattr(tasks, task.func().rpartition(".")[2])(*task.task["args"])


@pytest.mark.sentence("4.2-20")
def test_the_eleventh_and_those_after_it_are_one_mail(told, relay):
    for number in range(14):
        tasks.send_summary(failed(told, number).pk)
    assert len(relay.accepted) == 10
    rung(told)
    assert len(relay.accepted) == 10
    an_hour_later(told)
    rung(told)
    assert subjects(relay)[10:] == ["XML Delivery: 4 failed runs on demo"]
    assert b"Run" in relay.accepted[10][2]
    rung(told)
    tasks.send_summary(failed(told, 99).pk)
    assert subjects(relay)[11:] == ["XML Delivery: 99.xml ERROR"]


def test_a_run_that_ends_well_or_is_set_aside_is_mailed_meanwhile(told, relay):
    for number in range(11):
        tasks.send_summary(failed(told, number).pk)
    well, aside = failed(told, 20), failed(told, 21)
    ProcessingRun.objects.filter(pk=well.pk).update(status="SUCCESS", sub_status="DELIVERY_FINISHED")
    ProcessingRun.objects.filter(pk=aside.pk).update(sub_status="QUARANTINED")
    for run in (well, aside):
        tasks.send_summary(run.pk)
    assert subjects(relay)[10:] == ["XML Delivery: 20.xml SUCCESS", "XML Delivery: 21.xml ERROR"]


def test_a_relay_that_is_away_gets_the_mail_later(told, relay):
    for number in range(12):
        tasks.send_summary(failed(told, number).pk)
    an_hour_later(told)
    relay.stop()
    tasks.send_collected(told.pk)
    relay.start()
    rung(told)
    assert subjects(relay)[10:] == ["XML Delivery: 2 failed runs on demo"]


def test_a_long_list_is_cut_and_counted(told, monkeypatch):
    monkeypatch.setattr(summary_mail, "_MOST_LISTED", 2)
    mail = summary_mail.render_collected(told, [failed(told, number) for number in range(5)])
    assert "and 3 more" in mail.body


@pytest.mark.sentence("4.2-21")
def test_at_most_thirty_people_are_told(told):
    told.notify = [f"a{number}@demo.example" for number in range(31)]
    with pytest.raises(ValidationError, match="30"):
        told.clean_fields()
    run = failed(told, 1)
    run.space = told
    assert len(summary_mail.render(run).to) == 30
