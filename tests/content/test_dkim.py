"""Signatures, judged by an independent verifier (RFC 6376, RFC 8301, RFC 8463)."""

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliveries.content import compile_source
from deliveries.content.mime.dkim import Key, Signer, new_key, record
from deliveries.errors import ClientError
from tests.content.writing import envelope, source

RSA, ED25519 = new_key(), new_key(ed25519=True)
SIGNER = Signer("demo.example", [Key("mail", RSA), Key("mail-ed", ED25519)])
RECORDS = {
    b"mail._domainkey.demo.example.": record(RSA).encode(),
    b"mail-ed._domainkey.demo.example.": record(ED25519).encode(),
}


def verified(message):
    """Return whether each of the two signatures holds."""
    return [holds(message, index) for index in range(2)]


def holds(message, index):
    try:
        return dkim.DKIM(message).verify(index, dnsfunc=lambda name, **_: RECORDS.get(name))
    except dkim.ValidationError:  # the body is another
        return False


def signed(values=None, to=None, **changes):
    message = compile_source(source(**changes)).compose(values or {}, to or envelope())
    return SIGNER.sign(message) + message


ODD = {
    "plain": {},
    "a folded subject": {"subject": "words and words " * 25},
    "one long word": {"subject": "x" * 300},
    "a subject beyond ASCII": {"subject": "Città, già più € 日本語 " * 8},
    "a name beyond ASCII": {"from_name": "Società Ünïcode 日本", "reply_to": "Però <help@demo.example>"},
    "a name with quotes": {"from_name": 'A "B" \\ C, D'},
    "both parts": {"html": "<p>x</p>" * 500, "text": "Hi  there\n\n\n"},
    "blanks at the ends of lines": {"text": "a  \n\t\nb\t\n   "},
    "a body that is nearly empty": {"text": "."},
    "a body that a person's values leave empty": {"text": "${nome}$"},
    "another charset": {"text": "perché", "encoding": "iso-8859-1"},
}


@pytest.mark.parametrize("changes", ODD.values(), ids=ODD)
def test_both_signatures_hold_over_odd_mails(changes):
    assert verified(signed(**changes)) == [True, True]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=300))
def test_both_signatures_hold_whatever_a_person_is_called(nome, nota):
    message = signed({"nome": nome, "nota": nota}, subject="${nome}$!", from_name="${nome}$", text="${nota}$")
    assert verified(message) == [True, True]


@pytest.mark.parametrize(
    "change",
    [
        (b"Subject: Winter", b"Subject: Winner"),
        (b"Subject: Winter", b"Subject: Winter\r\nSubject: Another"),
        (b"From: Demo", b"From: x@other.example\r\nFrom: Demo"),
        (b"List-Unsubscribe: <https://u.", b"List-Unsubscribe: <https://v."),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: x"),
        (b"Feedback-ID: 41", b"Feedback-ID: 42"),
        (b"Hello", b"Hallo"),
    ],
)
def test_a_change_on_the_way_breaks_both(change):
    message = signed()
    changed = message.replace(*change)
    assert changed != message
    assert verified(changed) == [False, False]


def test_what_is_appended_breaks_both_and_empty_lines_do_not():
    message = signed()
    assert verified(message + b"more\r\n") == [False, False]
    assert verified(message + b"\r\n\r\n") == [True, True]


def test_headers_folded_anew_on_the_way_still_hold():
    written = b"List-Unsubscribe: <https://u.example/u/token>, <"
    message = signed()
    assert written in message
    folded = message.replace(written, b"List-Unsubscribe:\r\n\t<https://u.example/u/token>,\r\n  <")
    assert verified(folded) == [True, True]


def test_the_same_message_has_the_same_signature():
    assert signed() == signed()


def test_no_line_of_a_signature_is_long():
    head = signed(subject="x").partition(b"\r\nFrom:")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("pem", ["", "no key", new_key().replace("PRIVATE", "PUBLIC")])
def test_what_is_no_key_is_refused(pem):
    with pytest.raises(ClientError) as caught:
        Signer("demo.example", [Key("mail", pem)])
    assert caught.value.code == "DKIM_KEY"
