"""All points of a delivery, the gravest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from deliveries import audience
from deliveries.errors import ClientError
from deliveries.models import Content, Delivery
from deliveries.sending.lifecycle.preflight import message, people, sender
from deliveries.sending.lifecycle.preflight.findings import Finding, Level

_ORDER: Final = {Level.STOP: 0, Level.LOOK: 1, Level.UNKNOWN: 2, Level.FINE: 3}


@dataclass(frozen=True, slots=True)
class Report:
    """The points, and whom it would reach; None where its filter can't be used."""

    findings: tuple[Finding, ...]
    expected: audience.Expected | None

    def at(self, level: Level) -> tuple[Finding, ...]:
        """Return the points of one level."""
        return tuple(finding for finding in self.findings if finding.level == level)

    @property
    def level(self) -> Level:
        """Return how grave the gravest is."""
        return min((finding.level for finding in self.findings), key=_ORDER.__getitem__, default=Level.FINE)


def preflight(delivery: Delivery) -> Report:
    """Look at everything that can be known before the start; asks the database only, and waits for no server."""
    content = Content.objects.filter(delivery=delivery).first()
    try:
        expected = audience.expected(delivery)
    except ClientError as error:
        return Report((Finding(Level.STOP, error.code, error.message, "recipients"),), None)
    found = [*_all(delivery, content, expected)]
    return Report(tuple(sorted(found, key=lambda finding: _ORDER[finding.level])), expected)


def _all(delivery: Delivery, content: Content | None, expected: audience.Expected) -> Iterator[Finding]:
    yield from people.findings(delivery, expected)
    compiled = None
    if content is not None:
        compiled, found = message.findings(delivery, content)
        yield from found
    if compiled is not None:
        yield from people.unfilled(delivery, compiled.used_fields)
    yield from sender.findings(delivery, content)
