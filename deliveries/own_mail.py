"""Mails of our own, to people who work here: summaries and statistics, one at a time to the relay."""

import smtplib
import ssl
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from deliveries import conf
from deliveries.errors import ServiceError

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
    """Give it to the relay; raises ServiceError when it is not taken."""
    url = urlsplit(conf.smtp_url())
    host, port = url.hostname or "127.0.0.1", url.port
    secure = ssl.create_default_context()
    try:
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=secure)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=SECONDS)
        with server:
            if url.scheme == "smtp+starttls":
                server.starttls(context=secure)
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise ServiceError("SMTP", f"the relay did not take our mail: {str(error)[:200]}") from error
