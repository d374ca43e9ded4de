"""Reference 10: a large export is made by a task, told by mail, kept for a week, and given to its account alone."""

import email
import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from openpyxl import load_workbook

from deliveries import clock, conf, queue, tasks
from deliveries.models import Activity, Delivery, Download
from deliveries.privacy.erasure import erase
from recipients import tables
from tests.sending.smtp_server import SmtpServer

LIST = "/admin/deliveries/download/"


@pytest.fixture
def large(mine, settings, tmp_path):
    """Two people are many here."""
    settings.EXPORT_ROWS, settings.STATE_DIR = 1, tmp_path
    with connection.cursor() as cursor:
        into = tables.identifier(mine.database).as_string()
        cursor.execute(f"INSERT INTO {into} (email, nome) VALUES ('a@x.example', 'Ada'), ('b@x.example', '=1+1')")
    return mine


def people(mine, kind="csv", query=""):
    return f"/admin/recipients/database/{mine.database.pk}/people.{kind}{query}"


def made():
    """Do what was queued."""
    done = [task.task for task in OrmQ.objects.all() if task.task["func"] == queue.MAKE_DOWNLOAD]
    OrmQ.objects.all().delete()
    return [tasks.make_download(*task["args"]) for task in done]


def taken(client, row):
    return b"".join(client.get(f"{LIST}{row.pk}/file/").streaming_content)


def test_a_large_export_is_made_by_a_task_and_its_taking_stands_in_the_history(large, signed_in):
    client = signed_in(large.account)
    page = client.get(people(large), follow=True).content.decode()
    assert "it is being made" in page
    assert f"people-{large.database.pk}.csv" in page
    row = Download.objects.get()
    assert client.get(f"{LIST}{row.pk}/file/").status_code == 404
    made()
    row.refresh_from_db()
    assert f'href="{LIST}{row.pk}/file/"' in client.get(LIST).content.decode()
    assert not Activity.objects.filter(verb="people exported").exists()
    content = taken(client, row)
    assert content.decode("utf-8-sig").splitlines() == [
        "email,nome,XML_DELIVERY_CODE", "a@x.example,Ada,", "b@x.example,'=1+1,",
    ]  # fmt: skip
    assert row.size == len(content)
    assert Activity.objects.get(verb="people exported").params == {"file": row.name}


def test_what_is_not_large_comes_at_once(large, signed_in):
    response = signed_in(large.account).get(people(large, query="?q=a@"))
    assert b"Ada" in b"".join(response.streaming_content)
    assert not Download.objects.exists()


def test_a_spreadsheet_is_made_as_well(large, signed_in):
    client = signed_in(large.account)
    client.get(people(large, "xlsx"))
    made()
    sheet = load_workbook(io.BytesIO(taken(client, Download.objects.get()))).active
    assert [[cell.value for cell in row] for row in sheet.rows][1:] == [
        ["a@x.example", "Ada", None], ["b@x.example", "'=1+1", None],
    ]  # fmt: skip


@pytest.mark.parametrize("what", ["events", "size"])
def test_the_event_log_and_the_people_behind_a_figure_too(large, signed_in, settings, what):
    settings.EXPORT_ROWS = 0
    Delivery.objects.filter(pk=large.delivery.pk).update(status="sent", size=1, started_at=timezone.now())
    client = signed_in(large.account)
    client.get(f"/admin/deliveries/delivery/{large.delivery.pk}/statistics/{what}.csv")
    made()
    assert b"anna@acme.example" in taken(client, Download.objects.get())


def test_whoever_asked_is_told_by_mail_in_their_language(large, signed_in, settings):
    client = signed_in(large.account)
    client.user.email, client.user.language = "olga@acme.example", "it"
    client.user.save()
    server = SmtpServer()
    settings.SMTP_URL, settings.ADMIN_URL = server.url, "https://intern.example/admin"
    try:
        client.get(people(large))
        made()
    finally:
        server.stop()
    ((_sender, to, body),) = server.accepted
    mail = email.message_from_bytes(body)
    assert to == "olga@acme.example"
    assert "è pronto" in str(email.header.make_header(email.header.decode_header(mail["Subject"])))
    assert "https://intern.example/admin/deliveries/download/" in mail.get_payload(decode=True).decode()


def test_only_users_of_the_account_who_may_see_people_take_it(large, theirs, signed_in):
    signed_in(large.account).get(people(large))
    made()
    row = Download.objects.get()
    for stranger in (signed_in(theirs.account), signed_in(large.account, "reviewer")):
        assert stranger.get(f"{LIST}{row.pk}/file/").status_code == 404
        assert row.name not in stranger.get(LIST).content.decode()
    allowed = signed_in(large.account, "reviewer", personal_data=True)
    assert b"Ada" in taken(allowed, row)


def test_it_goes_after_a_week_with_its_file(large, signed_in):
    signed_in(large.account).get(people(large))
    made()
    Download.objects.update(created_at=timezone.now() - timedelta(days=6))
    call_command("prune")
    (file,) = conf.downloads().iterdir()
    Download.objects.update(created_at=timezone.now() - timedelta(days=8))
    call_command("prune")
    assert not file.exists()
    assert not Download.objects.exists()


def test_a_person_who_is_erased_stays_in_no_file(large, signed_in):
    signed_in(large.account).get(people(large))
    made()
    assert erase(large.account, "a@x.example").removed["downloads"] == 1
    assert list(conf.downloads().iterdir()) == []


def test_a_task_that_was_lost_is_queued_again_and_one_that_ever_dies_is_given_up(large, signed_in):
    signed_in(large.account).get(people(large))
    OrmQ.objects.all().delete()
    clock.enqueue_mails()
    assert made() == []
    Download.objects.update(queued_at=timezone.now() - timedelta(hours=1))
    clock.enqueue_mails()
    Download.objects.update(attempts=3)
    assert "three tries" in made()[0]
    assert Download.objects.get().status == "failed"


def test_what_it_was_of_may_be_gone(large, signed_in):
    signed_in(large.account).get(people(large))
    Download.objects.update(params={"database": 0, "asked": ""})
    assert "has been deleted" in made()[0]
    assert Download.objects.get().status == "failed"
