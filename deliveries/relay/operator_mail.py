"""Mails of our own, to people who work here: summaries and statistics, one at a time to the relay."""

import smtplib
import ssl
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

from deliveries import conf
from deliveries.errors import ServiceError
from deliveries.relay.address import ONLY_OVER_TLS, read_address

SECONDS: Final = 30


def draft(to: Iterable[str], subject: str, lines: Iterable[str]) -> EmailMessage:
    """Return a mail that nobody's robot answers."""
    mail = EmailMessage()
    mail["From"] = conf.mail_from()
    mail["To"] = ", ".join(to)
    mail["Subject"] = subject.replace("\n", " ").replace("\r", " ")
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=conf.mail_from().rpartition("@")[2] or "localhost")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(lines))
    return mail


def hand_over(mail: EmailMessage) -> None:
    """Give it to the relay, as a sender would; raises ServiceError when it is not taken."""
    relay = read_address(conf.smtp_url())
    if relay.user and not relay.may_be_told:
        raise ServiceError("TLS_REQUIRED", ONLY_OVER_TLS)
    secure = ssl.create_default_context()
    try:
        if relay.tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=SECONDS, context=secure)
        else:
            server = smtplib.SMTP(relay.host, relay.port, timeout=SECONDS)
        with server:
            if relay.tls == "starttls":
                server.starttls(context=secure)
            if relay.user:
                server.login(relay.user, relay.password)
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise ServiceError("SMTP", f"the relay did not take our mail: {str(error)[:200]}") from error
