import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliveries.sending.smtp import replies
from deliveries.sending.smtp.replies import Reply, category, clean, permanent


def _reply(text: str) -> Reply:
    return replies.read([line.encode() for line in text.split("\n")])


@pytest.mark.parametrize(
    ("text", "phase", "number"),
    [
        ("550 5.1.1 no such user", "rcpt", 1),
        ("550 5.1.2 bad domain", "rcpt", 2),
        ("556 5.1.10 null MX", "rcpt", 2),
        ("552 5.2.2 mailbox full", "rcpt", 3),
        ("550 5.2.1 disabled", "rcpt", 9),
        ("552 5.3.4 too big", "mail", 5),
        ("552 too big", "dot", 5),
        ("550 5.7.1 blocked: spam", "dot", 6),
        ("550 5.7.515 not authenticated", "dot", 7),
        ("554 5.6.0 bad content", "dot", 10),
        ("550 User unknown", "rcpt", 1),
        ("550 blocked using zen.spamhaus dnsbl", "rcpt", 6),
        ("550 no", "rcpt", 0),
        ("553 no", "rcpt", 0),
        ("550 5.4.1 no answer from host", "rcpt", 4),
        ("550 quota exceeded", "rcpt", 3),
    ],
)
def test_a_refusal_has_the_category_of_reference_6(text, phase, number):
    assert category(_reply(text), phase) == number


@pytest.mark.parametrize(
    ("text", "phase", "ends"),
    [
        ("550 no", "rcpt", True),
        ("450 4.2.0 greylisted", "rcpt", False),
        ("452 4.5.3 too many", "rcpt", False),
        ("552 too many recipients", "rcpt", False),
        ("552 5.2.2 full", "rcpt", True),
        ("552 too big", "dot", True),
        ("550 4.7.1 try later", "rcpt", False),
        ("450 5.1.1 nobody", "rcpt", True),
        ("452 4.3.1 disk full", "dot", False),
    ],
)
def test_an_enhanced_code_decides_between_a_bounce_and_a_retry(text, phase, ends):
    assert permanent(_reply(text), phase) is ends


def test_119_a_hostile_reply_is_capped_and_cleaned():
    text = clean("\x1b[31m<script>\x00\r\n\u202eevil" + "x" * 100_000)
    assert len(text) <= replies.MOST_TEXT
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "\u202e" not in text


def test_the_last_line_of_several_gives_the_code():
    reply = _reply("550-5.1.1 first\n550-second\n550 5.1.1 third")
    assert (reply.code, reply.enhanced) == (550, "5.1.1")
    assert reply.text == "5.1.1 first second 5.1.1 third"


@given(st.binary(max_size=300))
def test_whatever_a_server_says_is_a_reply_line_or_is_not(line):
    last = replies.last_line(line)
    if last is not None:
        reply = replies.read([line])
        assert 200 <= reply.code < 600
        assert len(reply.text) <= replies.MOST_TEXT
        assert 0 <= category(reply, "dot") <= 10
