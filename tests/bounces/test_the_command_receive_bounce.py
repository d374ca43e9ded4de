import io
import json
import sys
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from deliveries.models import Message
from tests.bounces.conftest import dsn, return_path


@pytest.fixture
def receive(monkeypatch, capsys):
    def run(data, *arguments):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        call_command("receive_bounce", *arguments)
        return capsys.readouterr().out

    return run


@pytest.mark.sentence("7.1-24")
def test_it_prints_one_line_of_json_for_each_recipient(sent, receive):
    message = sent()
    (found,) = json.loads(receive(dsn(), "--recipient", return_path(message), "--json"))
    assert found == {
        "kind": "bounce",
        "address": "anna@mail.example",
        "hard": True,
        "category": 1,
        "delivery": message.delivery_id,
        "message": message.pk,
        "changed": True,
    }


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "To"])
@pytest.mark.sentence("7.1-20")
def test_without_a_recipient_the_headers_name_it(sent, receive, header):
    message = sent()
    data = f"{header}: <{return_path(message)}>\n".encode() + dsn().replace(
        b"To: somebody@bounces.shop.example\n", b""
    )
    assert f"message {message.pk} of delivery" in receive(data)
    assert Message.objects.get(pk=message.pk).status == "bounced"


def test_mail_that_is_nothing_of_ours_is_unknown_and_no_failure(db, receive):
    (found,) = json.loads(receive(b"From: a@mail.example\nSubject: Hello\n\nHello", "--json"))
    assert (found["kind"], found["message"], found["changed"]) == ("unknown", None, False)
    assert json.loads(receive(b"", "--json"))[0]["kind"] == "unknown"


def test_a_mail_of_20_mb_is_read_to_its_end(sent, receive):
    message = sent()
    assert "bounce" in receive(dsn() + b"x" * 20_000_000, "--recipient", return_path(message))
