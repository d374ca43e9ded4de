import itertools

import pytest
from django.utils import timezone

from deliveries import tokens
from deliveries.models import Delivery, Message, Newsletter
from deliveries.tokens import Purpose
from recipients.models import Account, Database

numbers = itertools.count(1)
REASONS = {
    "no mailbox": "550 5.1.1 <anna@mail.example>: user unknown",
    "full": "552 5.2.2 mailbox full",
    "policy": "550 5.7.1 refused by policy",
}


@pytest.fixture
def delivery(db):
    account = Account.objects.create(name="Shop")
    database = Database.objects.create(account=account, name="Customers")
    newsletter = Newsletter.objects.create(
        account=account, database=database, name="Offers", from_address="news@shop.example"
    )
    return Delivery.objects.create(
        account=account,
        database=database,
        newsletter=newsletter,
        title="Winter",
        status="sent",
        started_at=timezone.now(),
    )


@pytest.fixture
def sent(delivery):
    """Return a maker of messages that went out to an address."""

    def make(address="anna@mail.example", status="delivered", of=None, **values):
        if status == "sending":
            values |= {"attempt": 1, "owner": 1, "intent_at": timezone.now()}
        values.setdefault("outcome_at", timezone.now())
        return Message.objects.create(
            delivery=of or delivery, recipient_id=next(numbers), address=address, status=status, **values
        )

    return make


def return_path(message):
    return f"{tokens.make_local_part(Purpose.RETURN_PATH, message.pk)}@bounces.shop.example"


def message_id(message):
    return f"<{tokens.make_local_part(Purpose.MESSAGE_ID, message.pk)}@shop.example>"


def dsn(address="anna@mail.example", said=REASONS["no mailbox"], action="failed", original="", more=""):
    """A report as Postfix writes it; `original` is the Message-ID of what came back."""
    status = said.split()[1]
    return f"""From: MAILER-DAEMON@mx.mail.example
To: somebody@bounces.shop.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<{address}>: {said}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.mail.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}
{more}
--b
Content-Type: text/rfc822-headers

Subject: Winter
Message-ID: {original or "<x@shop.example>"}

--b--
""".encode()


def complaint(message, kind="abuse"):
    return f"""From: loop@provider.example
To: fbl@shop.example
Subject: FW: Winter
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

An abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
Version: 1
User-Agent: Loop/1

--b
Content-Type: message/rfc822

Subject: Winter
Message-ID: {message_id(message)}

Hello
--b--
""".encode()
