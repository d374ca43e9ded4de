"""Subject, sender and reply-to (reference 2.5): that there are some, and that the account may send so."""

from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains.sender_domains import sender_domains
from deliveries.intake.rules.effective import Effective
from deliveries.intake.rules.findings import Findings
from recipients.faults import Fault

_MARKERS = ("${", "<{", "<%", "%{", "^{")


def check_sender(findings: Findings, found: Effective) -> None:
    """Refuse a message without subject or reply-to, or from a domain that is not the account's."""
    newsletter = findings.references.newsletter
    if not found.subject:
        findings.refuse("SUBJECT_MISSING", "message/headers/subject", newsletter=newsletter.pk)
    if not found.reply_to:
        findings.refuse("REPLY_TO_MISSING", "message/headers/reply_to", newsletter=newsletter.pk)
    path = "message/headers/mail_from/address"
    local, at, written = found.from_address.rpartition("@")
    domain = None if any(mark in written for mark in _MARKERS) else domain_of(written)
    if not at or not local.strip() or domain is None:
        findings.refuse("FROM_ADDRESS", path, address=found.from_address)
        return
    allowed = sender_domains(newsletter.account)
    if domain not in allowed:
        shown = sorted(allowed)[:10] or Fault.of("allowed.none")
        findings.refuse("FROM_NOT_ALLOWED", path, domain=domain, allowed=shown)
