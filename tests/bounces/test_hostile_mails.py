"""Mails of hostile shapes cost no more than honest ones (reference 7.1)."""

import base64
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliveries.tracking.bounces.parts import head_of, parts_of
from deliveries.tracking.bounces.read import category_of, read
from deliveries.tracking.bounces.report import Kind
from tests.bounces.conftest import dsn


def _nested(depth):
    mail = b"Content-Type: text/plain\n\nend\n"
    for level in range(depth):
        mark = f"b{level}".encode()
        head = b'Content-Type: multipart/mixed; boundary="' + mark + b'"\n\n'
        mail = head + b"--" + mark + b"\n" + mail + b"\n--" + mark + b"--\n"
    return NOTICE + mail


NOTICE = b"From: MAILER-DAEMON\nSubject: failure notice\n"
HOSTILE = {
    "nested 300 deep": _nested(300),
    "20,000 parts": b'Subject: failure notice\nContent-Type: multipart/mixed; boundary="b"\n\n'
    + b"--b\n\nx\n" * 20_000,
    "20 MB": dsn() + b"x" * 20_000_000,
    "one line of 5 MB": b"Subject: failure notice\n\n" + b"a@b.example " * 400_000,
    "100,000 headers": b"X: y\n" * 100_000 + b"\n",
    "100,000 groups": b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * 20_000,
    "html of open tags": NOTICE + b"Content-Type: text/html\n\n" + b"<p" * 400_000,
    "brackets": NOTICE + b"\n" + b"<" * 900_000,
    "encoded words": b"From: MAILER-DAEMON\nSubject: " + b"=?utf-8?B?" * 20_000 + b"\n\nx",
    "broken base64": NOTICE + b"Content-Transfer-Encoding: base64\n\n===a=b",
    "unknown charset": NOTICE + b"Content-Type: text/plain; charset=rot13\n\na",
    **{
        f"charset {name}": NOTICE
        + f"Content-Type: text/plain; charset={name.partition(' ')[0]}\n".encode()
        + b"Content-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(body)
        for name, body in (
            ("zlib_codec", zlib.compress(bytes(50_000_000), 9)),
            ("zlib_codec cut off", zlib.compress(bytes(5_000_000), 9)[:-9]),
            ("bz2_codec", b"not packed at all"),
            ("hex_codec", b"4142"),
            ("punycode", b"abcdefghijk" * 45_000),
            ("idna", b"xn--" + b"a" * 500_000),
        )
    },
    "one long word": NOTICE + b"\nuser " + b"not " * 100_000,
    "json of lists in lists": NOTICE + b"\n{" + b'"a":[' * 12_000,
    "a number of 60,000 figures": NOTICE + b'\n{"notificationType":' + b"9" * 60_000 + b"}",
    "json of other types": NOTICE
    + b'\n{"notificationType":"Bounce","bounce":{"bouncedRecipients":[1,{"status":[]}]}}',
    "nothing": b"",
    "zeros": b"\0" * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.sentence("7.1-01")
def test_122_a_hostile_mail_is_read_within_two_seconds(name):
    began = time.process_time()
    report = read(HOSTILE[name])
    for failure in report.failures:
        category_of(failure)
    assert time.process_time() - began < 2.0
    assert len(report.failures) <= 100


def test_122_the_report_is_read_before_what_follows_of_a_mail_of_20_mb():
    assert read(HOSTILE["20 MB"]).failures[0].address == "anna@mail.example"


def test_a_bounce_in_a_returned_message_is_not_read_as_one():
    mail = b'From: anna@mail.example\nSubject: look\nContent-Type: multipart/mixed; boundary="f"\n\n'
    mail += (
        b"--f\nContent-Type: text/plain\n\nsee below\n--f\nContent-Type: message/rfc822\n\n" + dsn() + b"--f--\n"
    )
    assert read(mail).kind == Kind.UNKNOWN


def test_a_report_that_a_gateways_notice_without_an_address_carries_is_read():
    mail = b"From: postmaster@gw.example\nSubject: Delivery Status Notification (Failure)\n"
    mail += b'Content-Type: multipart/mixed; boundary="f"\n\n--f\nContent-Type: message/rfc822\n\n' + dsn()
    found = read(mail + b"--f--\n")
    assert (found.kind, found.failures[0].address) == (Kind.BOUNCE, "anna@mail.example")
    assert category_of(found.failures[0]) == 1


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read(data):
    headers, body = head_of(data)
    assert len(parts_of(headers, body)) <= 40
    assert read(data).kind in Kind


@given(st.lists(st.sampled_from(dsn().split(b"\n")), max_size=40))
def test_the_lines_of_a_report_in_any_order_are_read(lines):
    report = read(b"\n".join(lines))
    assert all(0 <= category_of(failure) <= 10 for failure in report.failures)
