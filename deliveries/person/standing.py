from collections.abc import Sequence
from dataclasses import dataclass

from deliveries.models import Newsletter, Subscription
from recipients import suppressions, tables
from recipients.models import Account, BlacklistEntry, Database


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever a normalised address belongs to, in one account; nothing need be held of them."""

    account: Account
    address: str

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class Standing:
    """How they stand now: rows, entry on the blacklist, what they said of each newsletter (None: nothing).

    An entry whose time is over keeps nobody out: `state.name` is none, temporary or permanent.
    """

    rows: Sequence[tables.PersonRow]
    entry: BlacklistEntry | None
    state: suppressions.State
    subscriptions: Sequence[tuple[Newsletter, Subscription | None]]


def standing_of(person: Person) -> Standing:
    """Return how a person stands, in as many queries for one database as for a hundred."""
    account, key = person.account, person.address
    print_ = suppressions.fingerprint(key)
    databases = list(Database.objects.filter(account=account).order_by("name"))
    entry = BlacklistEntry.objects.filter(account=account, fingerprint=print_).select_related("entered_by").first()
    said = {
        row.newsletter_id: row
        for row in Subscription.objects.filter(newsletter__account=account, fingerprint=print_)
    }
    newsletters = Newsletter.objects.filter(account=account).order_by("name")
    return Standing(
        rows=tables.rows_of_address(databases, key),
        entry=entry,
        state=suppressions.state_by(entry),
        subscriptions=[(newsletter, said.get(newsletter.pk)) for newsletter in newsletters],
    )
