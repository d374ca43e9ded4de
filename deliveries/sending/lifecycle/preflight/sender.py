"""Points about the way out: may the account send from there, does the relay answer, was it tested."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains.sender_domains import sender_domains
from deliveries.models import Content, Delivery
from deliveries.sending.ledger import relay_health
from deliveries.sending.lifecycle.preflight.findings import Finding, Level


def findings(delivery: Delivery, content: Content | None) -> Iterator[Finding]:
    """Yield the points about sender, relay and test."""
    if content is None:
        yield Finding(Level.STOP, "NO_CONTENT", _("It has no message."))
        return
    written = content.from_address.rpartition("@")[2]
    if domain_of(written) not in sender_domains(delivery.account):
        said = _("The account may not send from “%(domain)s”: choose a sender of one of its domains.")
        yield Finding(Level.STOP, "SENDER_DOMAIN", said % {"domain": written[:80]})
    trouble = relay_health.failing()
    if trouble is not None:
        said = _("It would wait for the relay: %s")
        yield Finding(Level.LOOK, "RELAY", said % relay_health.sentence(trouble), "summary")
    last = last_test(delivery)
    if last is None or last.started_at is None:
        yield Finding(Level.LOOK, "UNTESTED", _("No test of it was sent."), "message")
    else:
        said = _("It was tested %(ago)s ago.")
        yield Finding(Level.FINE, "TESTED", said % {"ago": timesince(last.started_at)}, "message")


def last_test(delivery: Delivery) -> Delivery | None:
    """Return the last test of this mailing that went out: by hand, or its bundle's own."""
    mine = Q(test_of=delivery)
    if delivery.run_id is not None:
        mine |= Q(run=delivery.run_id)
    tests = Delivery.objects.filter(mine, type="test", started_at__isnull=False)
    return tests.order_by("-started_at").first()
