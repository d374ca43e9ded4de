"""No line of a log holds what belongs to a person, whichever library wrote it."""

import json
import logging

import pytest

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


def test_the_words_of_an_error_are_masked_too(capsys):
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.configure("json")
        try:
            int("anna@mail.example")
        except ValueError:
            logging.getLogger("somebody").exception("could not write to %s", "anna@mail.example")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "could not write to …@mail.example"
    assert "'…@mail.example'" in line["exception"]
    assert "anna" not in json.dumps(line)
