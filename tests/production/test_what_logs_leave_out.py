"""No line of a log holds what belongs to a person, whichever library wrote it."""

import contextlib
import json
import logging

import pytest
from django.test import Client

from xmld_project import logs


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 <anna.rossi@mail.example>: unknown", "550 <…@mail.example>: unknown"),
        ("'to': 'anna+x@mail.example', 2", "'to': '…@mail.example', 2"),
        ("postgresql://xmld:s3cret!@10.0.0.1:5432/xmld is away", "postgresql://xmld:…@10.0.0.1:5432/xmld is away"),
        ("smtps://news%40shop.example:pa:ss@relay.example", "smtps://news%40shop.example:…@relay.example"),
        ("Not Found: /u/8RUaBqlO-mVw1Mw3xZ6zTQ4h2kYdPq0n", "Not Found: /u/…"),
        ("Gone: /admin/password-reset/MQ/cz1x2y-0123456789abcdef/", "Gone: /admin/password-reset/MQ/…/"),
        ("127.0.0.1 asked for /healthz at 10:00", "127.0.0.1 asked for /healthz at 10:00"),
    ],
)
def test_addresses_passwords_and_tokens_are_masked(said, kept):
    assert logs.masked(said) == kept


def test_a_long_word_takes_no_time():
    assert logs.masked("a" * 20_000) == "a" * 20_000


@contextlib.contextmanager
def configured():
    """Let the log be as the product has it, on the standard error of this moment."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("json")
    try:
        yield root.handlers[0]
    finally:
        root.handlers[:] = before
        root.setLevel(level)


def test_the_words_of_an_error_are_masked_too(capsys):
    with configured():
        try:
            int("anna@mail.example")
        except ValueError:
            logging.getLogger("somebody").exception("could not write to %s", "anna@mail.example")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "could not write to …@mail.example"
    assert "'…@mail.example'" in line["exception"]
    assert "anna" not in json.dumps(line)


def test_who_asks_for_what_there_is_not_fills_no_log_and_is_counted(capsys):
    with configured() as handler:
        for number in range(500):
            Client().get(f"/o/guess-{number}")
        for _ in range(40):
            logging.getLogger("somebody").warning("another's line")
        (repetitions,) = [each for each in handler.filters if isinstance(each, logs.Repetitions)]
        repetitions._began -= 61
        logging.getLogger("django.request").warning("after the minute", extra={"status_code": 404})
    lines = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert sum("Not Found" in line for line in lines) == logs.OF_A_KIND
    assert lines.count("another's line") == 40
    assert lines[-2:] == ["470 more like these (404) in the minute before", "after the minute"]


def test_one_kind_of_line_takes_nothing_from_another(capsys):
    with configured():
        for status in (400, 403, 404, 500) * logs.OF_A_KIND:
            logging.getLogger("django.request").warning("no", extra={"status_code": status})
        for _ in range(100):
            logging.getLogger("xmld_project.standalone.sftp_server.authentication").warning("a wrong password")
    lines = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert (lines.count("no"), lines.count("a wrong password")) == (4 * logs.OF_A_KIND, logs.OF_A_KIND)
