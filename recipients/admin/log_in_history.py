"""Log-ins as lines of the audit log: in each account of the person, or as the platform's own (reference 9)."""

from django.db.models import Q

from recipients import audit
from recipients.models import Membership, User


def note_success(user: User) -> None:
    """Note that the person logged in."""
    _note(user, user, audit.Verb.LOGGED_IN)


def note_failure(name: str) -> None:
    """Note that somebody tried a name; a name that nobody has costs a line as well, so that time tells nothing."""
    found = User.objects.filter(Q(username=name) | Q(email__iexact=name)).order_by("id").first()
    _note(found or User(username=name[:150]), None, audit.Verb.LOG_IN_FAILED)


def _note(user: User, actor: User | None, verb: audit.Verb) -> None:
    mine = Membership.objects.filter(user_id=user.pk or 0).values_list("account_id", flat=True)
    accounts: list[int | None] = list(mine)
    for account in accounts or [None]:
        audit.note(account, actor, verb, user)
