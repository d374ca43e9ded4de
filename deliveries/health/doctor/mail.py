"""The way of mails: whether the relay answers, and what the DNS says of the domains that are sent from."""

import smtplib
import ssl
from collections.abc import Iterator
from typing import Final

from deliveries import conf
from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains import deliverability, dkim
from deliveries.domains.deliverability import Verdict
from deliveries.errors import ClientError, ServiceError
from deliveries.health.doctor.findings import Finding, fine, look, mend
from deliveries.models import Newsletter
from deliveries.relay.address import ONLY_OVER_TLS, RelayAddress, read_address

_SECONDS: Final = 10  # a person waits for the command
_MOST_UNANSWERED: Final = 2  # domains: of a DNS that is dead each costs 5 s


def relay() -> Iterator[Finding]:
    """Greet the relay and log in, without a mail."""
    try:
        address = read_address(conf.smtp_url())
    except ServiceError as error:
        yield mend("relay", error.message)
        return
    where = f"{address.host}:{address.port}"
    if address.user and not address.may_be_told:
        yield mend("relay", ONLY_OVER_TLS)
        return
    try:
        banner = _greet(address)
    except (OSError, smtplib.SMTPException) as error:
        yield mend("relay", f"{where} does not take mail ({_reason(error)}): start it, or mend XMLD_SMTP_URL")
    else:
        yield fine("relay", f"{where} answers “{banner}”")


def _greet(address: RelayAddress) -> str:
    secure = ssl.create_default_context()
    if address.tls == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(address.host, address.port, timeout=_SECONDS, context=secure)
    else:
        server = smtplib.SMTP(address.host, address.port, timeout=_SECONDS)
    with server:
        if address.tls == "starttls":
            server.starttls(context=secure)
        if address.user:
            server.login(address.user, address.password)
        _code, words = server.noop()
        return words.decode("utf-8", "replace").splitlines()[0][:100]


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def sender_domains() -> Iterator[Finding]:
    """Check SPF, DKIM and DMARC of each domain that newsletters send from, once a domain."""
    seen: set[tuple[str, str]] = set()
    unanswered = 0
    for newsletter in Newsletter.objects.select_related("account").order_by("id"):
        domain = domain_of(newsletter.from_address.rpartition("@")[2]) or ""
        bounces = domain_of(newsletter.bounce_domain) or conf.bounce_domain(domain)
        if not domain or (domain, newsletter.dkim_selector) in seen:
            continue
        seen.add((domain, newsletter.dkim_selector))
        try:
            records = [(record.name, record.text) for record in dkim.dns_record(newsletter)]
        except ClientError as error:
            yield mend(f"newsletter {newsletter} of {newsletter.account}", error.message)
            continue
        found = deliverability.examine(domain, bounces, records)
        yield from _of_domain(domain, found, signed=bool(records))
        unanswered += _is_unanswered(found)
        if unanswered == _MOST_UNANSWERED:
            return


def _is_unanswered(found: list[deliverability.Finding]) -> bool:
    return all(each.verdict is Verdict.UNANSWERED for each in found)


def _of_domain(domain: str, found: list[deliverability.Finding], *, signed: bool) -> Iterator[Finding]:
    if _is_unanswered(found):
        yield look(f"domain {domain}", "the DNS does not answer: nobody can say how its mails are judged")
        return
    wrong = [each for each in found if each.verdict is not Verdict.GOOD]
    for each in wrong:
        yield look(f"domain {domain}", f"{each.kind}: {each.advice}")
    if not signed:
        yield look(f"domain {domain}", "its mails are not signed: make a DKIM key on the newsletter's page")
    elif not wrong:
        yield fine(f"domain {domain}", "SPF, DKIM and DMARC are as they should be")
