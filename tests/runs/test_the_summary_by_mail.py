"""Reference 4.2: the summary of a run, taken by a real relay."""

import email
from datetime import timedelta
from email.policy import default

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import clock, tasks
from deliveries.models import ProcessingRun, SftpSpace
from tests.runs.conftest import CSV
from tests.sending.smtp_server import SmtpServer

TO = ["ops@demo.example", "it@demo.example"]


@pytest.fixture
def relay(settings):
    server = SmtpServer()
    settings.SMTP_URL = server.url
    settings.ADMIN_URL = "https://intern.example/admin"
    yield server
    server.stop()


@pytest.fixture
def told(client_system):
    SftpSpace.objects.update(reports=["email"], notify=TO)
    return client_system


def mailed(relay):
    for task in OrmQ.objects.all():
        if task.func().endswith("send_summary"):
            tasks.send_summary(*task.task["args"])
    return [email.message_from_bytes(body, policy=default) for _, _, body in relay.accepted]


@pytest.mark.sentence("4.2-18")
def test_a_run_that_ends_well_is_mailed_with_counts_and_links(told, relay):
    told.bundle(csv=CSV + "".join(f"p{n}@x.example,P,{n}\n" for n in range(20)) + "bad,B,2\n")
    told.poll()
    run = told.run()
    (mail,) = mailed(relay)
    assert mail["To"] == ", ".join(TO)
    assert mail["Subject"] == "XML Delivery: a.xml SUCCESS"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-XMLD-Delivery"] is None
    text = mail.get_content()
    assert f"Run {run.pk} of a.xml on space demo: SUCCESS (DELIVERY_FINISHED)" in text
    assert "Recipients: 23 good rows, 1 bad rows" in text
    assert f"https://intern.example/admin/deliveries/delivery/{run.delivery_id}/change/" in text
    assert f"https://intern.example/admin/deliveries/processingrun/{run.pk}/change/" in text


@pytest.mark.sentence("4.2-18")
def test_a_run_that_fails_is_mailed_with_its_error(told, relay):
    told.server.put("a.ok")
    told.poll()
    (mail,) = mailed(relay)
    assert mail["Subject"] == "XML Delivery: a.xml ERROR"
    assert f"BND_NO_XML: {told.run().error}" in mail.get_content()


def test_a_summary_is_mailed_once_however_often_it_is_asked_for(told, relay):
    told.bundle()
    told.poll()
    for _ in range(3):
        tasks.send_summary(told.run().pk)
    assert len(relay.accepted) == 1


@pytest.mark.sentence("1.6-06")
def test_the_mail_about_a_held_run_names_the_first(told, relay):
    SftpSpace.objects.update(reports=[])
    for _ in range(2):
        told.bundle()
        told.poll()
    run, first = told.run(), ProcessingRun.objects.earliest("id")
    (mail,) = mailed(relay)
    assert mail["Subject"] == "XML Delivery: a.xml LOADING"
    assert f"DUPLICATE_HELD: same content as run {first.pk}, held for an operator" in mail.get_content()
    assert f"/processingrun/{run.pk}/change/" in mail.get_content()


@pytest.mark.sentence("1.6-06")
@pytest.mark.parametrize("bundles", [1, 2])
def test_a_relay_that_is_away_gets_it_later(told, relay, bundles):
    """The second bundle is held: its mail is not a summary that the space must have asked for."""
    SftpSpace.objects.update(reports=["email"] if bundles == 1 else [])
    for _ in range(bundles):
        told.bundle()
        told.poll()
    run = told.run()
    relay.stop()
    tasks.send_summary(run.pk)
    OrmQ.objects.all().delete()
    long_ago = timezone.now() - timedelta(minutes=2)
    ProcessingRun.objects.filter(pk=run.pk).update(started_at=long_ago, ended_at=run.ended_at and long_ago)
    clock.enqueue_mails()
    relay.start()
    mailed(relay)
    clock.enqueue_mails()
    mailed(relay)
    assert len(relay.accepted) == 1
