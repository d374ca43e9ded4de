"""Summaries and statistics go to the relay by the same rules as deliveries (reference, Environment)."""

import pytest

from deliveries.errors import ServiceError
from deliveries.relay import operator_mail


@pytest.fixture
def mail():
    return operator_mail.draft(["ops@demo.example"], "Run 1", ["fine"])


def test_a_mail_of_our_own_reaches_the_relay(smtp, settings, mail):
    settings.SMTP_URL = smtp.url
    operator_mail.hand_over(mail)
    assert [to for _sender, to, _body in smtp.accepted] == ["ops@demo.example"]


def test_its_password_goes_only_over_tls(smtp, settings, mail):
    smtp.offers = ("AUTH PLAIN",)
    settings.SMTP_URL = f"smtp://anna:secret@127.1:{smtp.port}"
    with pytest.raises(ServiceError, match="only over TLS"):
        operator_mail.hand_over(mail)
    assert not any("AUTH" in command for command in smtp.commands)


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:x", "http://127.0.0.1"])
def test_an_address_that_is_none_is_said_and_not_crashed_on(settings, mail, url):
    settings.SMTP_URL = url
    with pytest.raises(ServiceError, match="XMLD_SMTP_URL"):
        operator_mail.hand_over(mail)
