"""Sending: one person's message, why a delivery stops, what an operator may not do with it (reference 5)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # one person's message
    "MSG_TOO_BIG": Sentence(_("without files it has %(size)s bytes, %(most)s are the most")),
    "MSG_TOO_BIG.values": Sentence(_("this person's values make a message that is too long: shorten them")),
    "FROM_ADDRESS.values": Sentence(_("this person's values make no address to send from")),
    "TO_ADDRESS": Sentence(_("the recipient's address can't be written into a header")),
    # why a delivery does not start, waits or has failed
    "delivery.crashed": Sentence(_("its preparation crashed three times; have the log read before a retry")),
    "delivery.nobody": Sentence(_("nobody to write to")),
    "delivery.unprepared": Sentence(_("its message can't be prepared (%(error)s): have the log read")),
    "delivery.late": Sentence(_("It was due at %(due)s and started late.")),
    "delivery.restored_going": Sentence(
        _("The database was restored from a back-up: settle the messages in doubt, then resume.")
    ),
    "delivery.restored_waiting": Sentence(
        _("The database was restored from a back-up: make sure that it was not sent since, then send it.")
    ),
    "FILTER_GONE": Sentence(_("its filter “%(filter)s” is archived; restore it, then retry")),
    "NO_CONTENT": Sentence(_("it has no content: drop its bundle again")),
    "SENDER_DOMAIN": Sentence(
        _("the account may no longer send from “%(domain)s”; add it to the account's domains, then retry")
    ),
    "SENDER_REFUSED": Sentence(
        _(
            "SENDER_REFUSED: the relay refused the sender three times in a row (%(code)s %(words)s); "
            "have the relay accept this sender, then resume."
        ),
        personal=frozenset({"words"}),
    ),
    "POLICY_REFUSED": Sentence(
        _(
            "POLICY_REFUSED: the relay refuses a fifth of the messages or more by policy (%(code)s %(words)s); "
            "find out why (authentication, reputation, content), then resume."
        ),
        personal=frozenset({"words"}),
    ),
    # what an operator may not do
    "SCHEDULE": Sentence(_("“%(text)s” is not a time: write 2026-12-01T09:00:00, with or without an offset")),
    "SCHEDULE_PAST": Sentence(_("%(at)s is in the past: choose a later time, or send it now")),
    "NO_DELIVERY": Sentence(_("There is no delivery %(id)s.")),
    "STATE": Sentence(_("Delivery %(id)s is %(state)s.")),
    "STATE.act": Sentence(_("Delivery %(id)s is %(state)s: %(who)s %(verb)s it %(ago)s ago.")),
    "STATE.last": Sentence(_("Delivery %(id)s is %(state)s; last: %(verb)s, by %(who)s, %(ago)s ago.")),
    "STATE.message": Sentence(_("Delivery %(id)s is %(state)s: its message can no longer be changed.")),
    "VERSION": Sentence(_("Somebody changed it meanwhile: look again, then edit.")),
    "TRIED": Sentence(
        _("Some of its messages were already tried, so it can't start again: make a new one for the rest.")
    ),
    "TRIED.kept": Sentence(_("Some of its messages were already tried: it stays, with its figures.")),
    "RESOLVE": Sentence(_("Say “sent” or “resend”.")),
    "COPIES": Sentence(_("A test by hand has no recipients of its own: duplicate its delivery.")),
}
