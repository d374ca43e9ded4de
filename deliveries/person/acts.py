from django.db import transaction
from django.utils.translation import gettext as _

from deliveries import audit
from deliveries.audience import new_filter
from deliveries.errors import ClientError
from deliveries.models import Delivery, Message, Newsletter
from deliveries.person.standing import Person
from deliveries.sending.lifecycle import drafts
from deliveries.subscriptions import set_subscription
from recipients import suppressions, tables
from recipients.audit import Verb
from recipients.models import BlacklistEntry, Reason, User

BY_HAND = "by hand"


def blacklist(person: Person, note: str, actor: User) -> bool:
    """Write to this address no more; False where there is an entry as strong."""
    with transaction.atomic():
        entered = suppressions.suppress(person.account, person.address, Reason.BY_HAND, note=note, actor=actor)
        if entered:
            print_ = suppressions.fingerprint(person.address)
            entry = BlacklistEntry.objects.get(account=person.account, fingerprint=print_)
            audit.record(person.account.pk, actor, Verb.BLACKLIST_ADDED, entry, {"why": note})
    return entered


def unsubscribe(person: Person, newsletter: Newsletter, actor: User) -> bool:
    """Take the address off one newsletter, as they asked by telephone; False where it was off already."""
    with transaction.atomic():
        changed = set_subscription(newsletter.pk, person.address, -1, BY_HAND)
        if changed:
            audit.record(person.account.pk, actor, Verb.UNSUBSCRIBED, newsletter)
    return changed


def write_again(message: Message, actor: User) -> Delivery:
    """Make a draft of a message's delivery that reaches its person alone; nothing is sent yet (reference 5.4).

    It is a delivery of its own, so that the one that went out keeps its figures and its promise to write once.
    Raises StateConflict for a test by hand, ClientError where no row holds the address any more.
    """
    database = message.delivery.database
    if not tables.rows_of_address([database], message.address.lower(), 1):
        raise ClientError(
            "PERSON_GONE",
            _("No row of «%(database)s» holds this address any more: load the person again, then write to them.")
            % {"database": database},
        )
    only = [{"field": tables.address_column(database), "op": "equals", "value": message.address}]
    with transaction.atomic():
        draft = drafts.duplicate(message.delivery_id, actor=actor)
        # No address in it: an erasure leaves the names of filters as they are.
        named = _("One person of «%(title)s»") % {"title": message.delivery.title[:250]}
        draft.filter = new_filter(database, "", "all", only, unnamed=named)
        draft.remove_duplicates = True
        draft.save(update_fields=["filter", "remove_duplicates"])
    return draft
