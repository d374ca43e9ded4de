"""manage.py doctor says in one line each what is wrong and what to do (reference, Commands)."""

import http.server
import json
import re
import threading
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone

from deliveries.health.doctor import State, database, examine, mail, reach, system
from deliveries.models import Newsletter, SftpSpace
from recipients.faults import Fault
from recipients.models import Account, Database
from tests.sending.smtp_server import SmtpServer


@pytest.fixture
def relay(settings):
    server = SmtpServer()
    settings.SMTP_URL = server.url
    yield server
    server.stop()


@pytest.fixture
def space(db):
    account = Account.objects.create(name="Shop")
    return SftpSpace.objects.create(account=account, name="drop", host="127.0.0.1", username="shop")


@pytest.fixture
def elsewhere():
    """A web server that is not ours."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *_words):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def only(findings):
    (finding,) = findings
    return finding.state, finding.sentence


def test_a_relay_that_answers_is_fine_and_gets_no_mail(relay):
    state, sentence = only(mail.relay())
    assert (state, relay.accepted) == (State.FINE, [])
    assert str(relay.port) in sentence


def test_a_relay_that_is_away_must_be_mended(settings):
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    state, sentence = only(mail.relay())
    assert state is State.MEND
    assert "127.0.0.1:1 does not take mail" in sentence
    assert "start it, or mend XMLD_SMTP_URL" in sentence


def test_a_failing_space_is_named_with_its_own_sentence(space):
    SftpSpace.objects.update(
        failing_since=timezone.now(), last_fault=Fault.written("drop refuses: check the password").as_json()
    )
    first, counted = reach.spaces()
    assert (first.place, first.state, first.sentence) == (
        "space drop of Shop", State.MEND, "drop refuses: check the password",
    )  # fmt: skip
    assert counted.sentence == "0 are polled"


def test_the_public_address_must_lead_here(settings, live_server, elsewhere):
    settings.PUBLIC_URL = live_server.url
    assert [f.state for f in reach.public_address()] == [State.LOOK, State.FINE]
    settings.PUBLIC_URL = elsewhere
    assert [f.state for f in reach.public_address()] == [State.LOOK, State.MEND]
    settings.PUBLIC_URL = "http://127.0.0.1:1"
    *_plain, away = reach.public_address()
    assert "can't be reached from here" in away.sentence


def test_a_newsletters_own_address_must_lead_here_too(settings, live_server, elsewhere, space):
    settings.PUBLIC_URL = live_server.url
    database = Database.objects.create(account=space.account, name="People")
    Newsletter.objects.create(account=space.account, name="Offers", database=database, public_url=f"{elsewhere}/")
    *_ours, own = reach.public_address()
    assert own.state is State.MEND
    assert f"{elsewhere} leads to something else" in own.sentence
    assert "XMLD_ALLOWED_HOSTS" in own.sentence


def test_a_full_disk_and_open_secrets_must_be_mended(settings, tmp_path, monkeypatch):
    settings.STATE_DIR = tmp_path
    usage = SimpleNamespace(total=100_000_000_000, free=10_000_000)
    monkeypatch.setattr(system.shutil, "disk_usage", lambda _folder: usage)
    assert only(system.disk())[0] is State.MEND
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "data_key").write_text("x")
    (tmp_path / "secrets" / "data_key").chmod(0o644)
    assert "chmod 600" in only(system.secrets())[1]
    (tmp_path / "secrets" / "data_key").chmod(0o600)
    assert list(system.secrets()) == []


def test_the_version_is_told_of_a_clone_too():
    state, sentence = only(system.versions())
    assert state is State.FINE
    assert re.match(r"XML Delivery \d+\.\d+\.\d+ from a clone, Python 3\.", sentence)


@pytest.mark.django_db
def test_the_database_is_judged():
    assert next(database.server()).place == "database"
    assert list(database.durability()) == []
    assert only(database.migrations()) == (State.FINE, "up to date")
    assert only(database.clock())[0] is State.FINE


@pytest.mark.django_db
def test_the_command_fails_only_when_something_must_be_mended(relay, capsys):
    with pytest.raises(SystemExit) as ended:  # no clock, cluster or sender is alive in a test
        call_command("doctor", "--json")
    assert ended.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert said["healthy"] is False
    assert {"clock", "cluster", "senders"} <= {f["place"] for f in said["findings"] if f["state"] == "mend"}
    assert [f.sentence for f in examine() if f.place == "relay"] != []
