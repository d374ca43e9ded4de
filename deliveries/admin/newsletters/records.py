"""What the DNS says of a domain that is sent from, as a card of findings with what to publish (reference 8)."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from deliveries import conf
from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains.deliverability import Finding, Verdict, examine
from deliveries.domains.examination import examine_sender, published
from deliveries.models import Newsletter
from recipients.admin.badges import state

_LOOKS: Final = {
    Verdict.GOOD: ("good", "check_circle", _("fine")),
    Verdict.MISSING: ("bad", "error", _("missing")),
    Verdict.WRONG: ("bad", "error", _("wrong")),
    Verdict.UNANSWERED: ("wait", "warning", _("no answer")),
}


def domain_sent_from(newsletter: Newsletter) -> str:
    """Return the domain of its sender in A-labels, "" where it has markers or is empty."""
    return domain_of(newsletter.from_address.rpartition("@")[2]) or ""


def of_newsletter(newsletter: Newsletter) -> list[dict[str, Any]]:
    """Ask the DNS and return a line for each record that receivers judge its mails by."""
    domain = domain_sent_from(newsletter)
    return _lines(examine_sender(newsletter, domain)) if domain else []


def of_domain(account_id: int, domain: str) -> list[dict[str, Any]]:
    """Return the same for a domain, with the keys of all newsletters that sign with it."""
    signing = Newsletter.objects.filter(account=account_id, dkim_domain=domain).order_by("id")
    return _lines(examine(domain, conf.bounce_domain(domain), published(signing)))


def _lines(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.kind,
            "name": each.name,
            "state": state(*_LOOKS[each.verdict]),
            "found": each.found,
            "advice": each.advice,
        }
        for each in findings
    ]
