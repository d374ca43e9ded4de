"""Django's own mail machinery over the relay that deliveries take: resets of passwords, invitations, summaries."""

import smtplib
from collections.abc import Sequence
from typing import Any, Final

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from deliveries import conf
from deliveries.errors import ServiceError
from deliveries.relay.address import ONLY_OVER_TLS, read_address

SECONDS: Final = 30  # of silence: a page may wait for it


class RelayBackend(EmailBackend):
    """Hands mails to the relay of XMLD_SMTP_URL, marked so that no robot answers (RFC 3834).

    Raises ServiceError SMTP or TLS_REQUIRED; `fail_silently` of Django's contract is not obeyed: who sends decides.
    """

    def __init__(self, **_given: Any) -> None:
        relay = read_address(conf.smtp_url())
        super().__init__(
            host=relay.host,
            port=relay.port,
            username=relay.user,
            password=relay.password,
            use_tls=relay.tls == "starttls",
            use_ssl=relay.tls == "implicit",
            timeout=SECONDS,
        )
        self._may_be_told = relay.may_be_told

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send them one after the other and return how many were taken."""
        if self.username and not self._may_be_told:
            raise ServiceError("TLS_REQUIRED", ONLY_OVER_TLS)
        for mail in email_messages:
            mail.extra_headers.setdefault("Auto-Submitted", "auto-generated")
        try:
            return super().send_messages(email_messages) or 0
        except (OSError, smtplib.SMTPException) as error:
            raise ServiceError("SMTP", f"the relay did not take our mail: {str(error)[:200]}") from error
