"""From rows to bytes: a delivery is compiled once, each message is its envelope and its person's values."""

import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple

from deliveries import conf, message_digest, tokens
from deliveries.composition import measuring_of, public_url_of, source_of
from deliveries.content import CompiledMessage, Envelope, compile_source
from deliveries.content.mime.dkim import Signer
from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains.dkim import signer_of
from deliveries.message_tokens import IdTokens
from deliveries.message_tracking import Measured, Measuring
from deliveries.models import Delivery, MessageCopy
from deliveries.sending.ledger import retry_schedule
from deliveries.sending.ledger.ranges import Row
from deliveries.tokens import Purpose

_MOST_EMPTIED: Final = 32_767  # what the column holds


class MessageTokens:
    """What makes the tokens around a message; those in it are made by what measures it."""

    def __init__(self) -> None:
        self.message_id = IdTokens(Purpose.MESSAGE_ID)
        self.return_path = IdTokens(Purpose.RETURN_PATH)
        self.unsubscribe = IdTokens(Purpose.UNSUBSCRIBE)
        self.web = IdTokens(Purpose.WEB)


@dataclass(frozen=True, slots=True)
class Mailing:
    """A delivery ready to be written: nothing in it changes while it goes out.

    `copies_of` is the row whose values all of a test by hand are written with.
    """

    delivery_id: int
    account_id: int
    newsletter_id: int
    database_id: int
    compiled: CompiledMessage
    sender_domain: str
    bounce_domain: str
    public_url: str
    list_id: str
    feedback_id: str
    marketing: bool
    expires_at: datetime
    keep_copies: bool
    measuring: Measuring
    signer: Signer | None = None
    copies_of: int | None = None
    tokens: MessageTokens = field(default_factory=MessageTokens)


class Written(NamedTuple):
    """One message as it goes out: CRLF, not dot-stuffed; `changed` when its bytes are not those of before.

    `digest` is of the message without its signature: a new key makes no other message.
    `emptied` is how many of its addresses were left empty.
    """

    body: bytes
    digest: bytes
    return_path: str
    changed: bool
    emptied: int


def mailing(delivery: Delivery) -> Mailing:
    """Compile a started delivery; raises ClientError where its content or its DKIM key can't be used."""
    source = source_of(delivery)
    newsletter = delivery.newsletter
    compiled = compile_source(source)
    domain = compiled.from_domain
    kind = "transactional" if delivery.transactional else "marketing"
    started = delivery.started_at or delivery.created_at
    return Mailing(
        delivery_id=delivery.pk,
        account_id=delivery.account_id,
        newsletter_id=delivery.newsletter_id,
        database_id=delivery.database_id,
        compiled=compiled,
        sender_domain=domain,
        bounce_domain=domain_of(newsletter.bounce_domain) or conf.bounce_domain(domain),
        public_url=public_url_of(delivery),
        list_id=f"newsletter-{newsletter.pk}.{domain}",
        feedback_id=f"{delivery.pk}:{delivery.account_id}:{kind}:xmldelivery",
        marketing=not delivery.transactional,
        expires_at=started + retry_schedule.life(transactional=delivery.transactional),
        keep_copies=newsletter.in_doubt == "resend",
        measuring=measuring_of(delivery),
        signer=signer_of(newsletter),
        copies_of=delivery.copies_of,
    )


def envelope(mailing: Mailing, message_id: int, address: str, date: datetime, measured: Measured) -> Envelope:
    """Return what is written around one person's message; every token derives from the message's id."""
    shows_web = mailing.compiled.shows_web_version
    web = f"{mailing.public_url}/w/{mailing.tokens.web.written(message_id)}" if shows_web else ""
    unsubscribe, by_mail = mailing.tokens.unsubscribe.both(message_id)
    return Envelope(
        to=address,
        message_id=f"<{mailing.tokens.message_id.local_part(message_id)}@{mailing.sender_domain}>",
        date=date,
        delivery_id=mailing.delivery_id,
        list_id=mailing.list_id,
        feedback_id=mailing.feedback_id,
        unsubscribe_url=f"{mailing.public_url}/u/{unsubscribe}",
        unsubscribe_mailto=f"{by_mail}@{mailing.bounce_domain}",
        web_url=web,
        marketing=mailing.marketing,
        click=measured.click,
        pixel_url=measured.pixel_url,
        trap_url=measured.trap_url,
    )


def return_path(mailing: Mailing, message_id: int) -> str:
    """Return the envelope sender that brings a bounce back to this message."""
    return f"{mailing.tokens.return_path.local_part(message_id)}@{mailing.bounce_domain}"


def write(mailing: Mailing, row: Row, values: Mapping[str, object], date: datetime) -> Written:
    """Compose one message and compare it with the hash of an earlier attempt's bytes. Raises ComposeError."""
    if mailing.copies_of is not None:
        return write_copy(mailing, row.address, values, date)
    around = envelope(mailing, row.id, row.address, date, mailing.measuring.of(row.id, values))
    body = mailing.compiled.compose(values, around)
    digest = message_digest.digest(body)
    signed = _signed(mailing, body)
    emptied = min(len(mailing.compiled.emptied_values(values, around)), _MOST_EMPTIED)
    changed = row.digest is not None and not message_digest.is_of(row.digest, body)
    return Written(signed, digest, return_path(mailing, row.id), changed=changed, emptied=emptied)


def _signed(mailing: Mailing, body: bytes) -> bytes:
    return body if mailing.signer is None else mailing.signer.sign(body) + body


def write_copy(mailing: Mailing, address: str, values: Mapping[str, object], date: datetime) -> Written:
    """Compose a copy for somebody who watches: its links and pixel act on nobody. Raises ComposeError.

    Its Message-ID is its own, as one mailbox may get many.
    """
    around = envelope(mailing, tokens.COPY_ID, address, date, mailing.measuring.copy())
    own = replace(around, message_id=f"<{secrets.token_hex(24)}@{mailing.sender_domain}>")
    body = mailing.compiled.compose(values, own)
    digest, path = message_digest.digest(body), return_path(mailing, tokens.COPY_ID)
    return Written(_signed(mailing, body), digest, path, changed=False, emptied=0)


def kept_copies(message_ids: list[int]) -> dict[int, bytes]:
    """Return the bytes that were kept of earlier attempts, by message id."""
    rows = MessageCopy.objects.filter(message__in=message_ids).values_list("message_id", "body")
    return {message: zlib.decompress(bytes(body)) for message, body in rows}
