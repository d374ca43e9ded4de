from django.db import transaction

from deliveries import audit
from deliveries.models import Newsletter
from deliveries.person.standing import Person
from deliveries.subscriptions import set_subscription
from recipients import suppressions
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
