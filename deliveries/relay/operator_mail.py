"""Mails of our own, to people who work here: summaries and statistics."""

from collections.abc import Iterable

from django.core.mail import EmailMultiAlternatives

from deliveries.relay.backend import RelayBackend


def draft(to: Iterable[str], subject: str, lines: Iterable[str]) -> EmailMultiAlternatives:
    """Return a mail of plain text; the sender, and the mark that keeps robots from an answer, are the backend's."""
    return EmailMultiAlternatives(" ".join(subject.split()), "\n".join(lines), to=list(to))


def hand_over(mail: EmailMultiAlternatives) -> None:
    """Give it to the relay, as a sender would; raises ServiceError when it is not taken."""
    RelayBackend().send_messages([mail])
