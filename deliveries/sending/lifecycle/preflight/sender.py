"""Points about the way out: may the account send from there, does the relay answer, was it tested."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains.deliverability import Verdict
from deliveries.domains.examination import kept_answer
from deliveries.domains.sender_domains import sender_domains
from deliveries.models import Content, Delivery, Newsletter
from deliveries.sending.ledger import relay_health
from deliveries.sending.lifecycle.preflight.findings import Finding, Level

_FAULTS: Final = {
    Verdict.MISSING: lazy("missing"),
    Verdict.WRONG: lazy("wrong"),
    Verdict.UNANSWERED: lazy("no answer"),
}


def findings(delivery: Delivery, content: Content | None) -> Iterator[Finding]:
    """Yield the points about sender, relay and test."""
    if content is None:
        yield Finding(Level.STOP, "NO_CONTENT", _("It has no message."))
        return
    written = content.from_address.rpartition("@")[2]
    if domain_of(written) not in sender_domains(delivery.account):
        said = _("The account may not send from “%(domain)s”: choose a sender of one of its domains.")
        yield Finding(Level.STOP, "SENDER_DOMAIN", said % {"domain": written[:80]})
    else:
        yield _dns(delivery.newsletter, domain_of(written) or "")
    trouble = relay_health.failing()
    if trouble is None:
        yield Finding(Level.FINE, "RELAY", _("The mail relay takes mail."), "summary")
    else:
        said = _("It would wait for the relay: %s")
        yield Finding(Level.LOOK, "RELAY", said % relay_health.sentence(trouble), "summary")
    last = last_test(delivery)
    if last is None or last.started_at is None:
        yield Finding(Level.LOOK, "UNTESTED", _("No test of it was sent."), "message")
    else:
        yield Finding(Level.FINE, "TESTED", _tested(last, last.started_at), "message")


def _tested(last: Delivery, at: datetime) -> str:
    told = {"ago": timesince(at), "who": last.created_by.called if last.created_by else ""}
    if timezone.now() - at < timedelta(minutes=1):
        return _("It was tested just now by %(who)s.") % told if last.created_by else _("It was tested just now.")
    said = _("It was tested %(ago)s ago by %(who)s.") if last.created_by else _("It was tested %(ago)s ago.")
    return said % told


def _dns(newsletter: Newsletter, domain: str) -> Finding:
    """Return how receivers will see the sender: what the DNS said a while ago, as nobody waits for it here."""
    answer = kept_answer(newsletter, domain)
    if answer.answered_at is None:
        said = _("SPF, DKIM and DMARC of “%(domain)s” are being looked up: open this again in a moment.")
        return Finding(Level.UNKNOWN, "DNS_ASKED", said % {"domain": domain}, "summary")
    verdicts = [(kind, Verdict(verdict)) for kind, verdict in answer.verdicts]
    if all(verdict is Verdict.UNANSWERED for _kind, verdict in verdicts):
        said = _("The DNS did not answer for “%(domain)s”: nobody knows how receivers judge its mails.")
        return Finding(Level.LOOK, "DNS", said % {"domain": domain}, "summary")
    faults = [f"{kind} {_FAULTS[verdict]}" for kind, verdict in dict.fromkeys(verdicts) if verdict in _FAULTS]
    if "DKIM" not in dict(verdicts):
        faults.append(_("DKIM without a key"))
    if not faults:
        said = _("SPF, DKIM and DMARC of “%(domain)s” are in order.")
        return Finding(Level.FINE, "DNS", said % {"domain": domain}, "summary")
    said = _("“%(domain)s”: %(faults)s. Receivers mistrust such mails; the newsletter's page says what to publish.")
    return Finding(Level.LOOK, "DNS", said % {"domain": domain, "faults": ", ".join(faults)}, "summary")


def last_test(delivery: Delivery) -> Delivery | None:
    """Return the last test of this mailing that went out: by hand, or its bundle's own."""
    mine = Q(test_of=delivery)
    if delivery.run_id is not None:
        mine |= Q(run=delivery.run_id)
    tests = Delivery.objects.filter(mine, type="test", started_at__isnull=False)
    return tests.select_related("created_by").order_by("-started_at").first()
