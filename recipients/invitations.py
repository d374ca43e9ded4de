"""How people and clients' systems come to an account: an invitation by mail, a key shown once (reference 9).

Whether an address is a user's already is never said to who invites: the mail is the same, and only who opens its
link learns whether to log in or to choose a password.
"""

import secrets
from datetime import timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.core import signing
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from recipients import audit
from recipients.errors import ClientError
from recipients.models import Account, Invitation, Membership, Role, User

VALID: Final = timedelta(days=7)  # reference 9
# So many open ones an account may have, so that nobody makes the product write to a list.
MOST_OPEN: Final = 100
_SALT: Final = "xml-delivery.invitation"


def invite(account: Account, email: str, name: str, role: Role, *, personal_data: bool, actor: User) -> Invitation:
    """Keep an invitation and withdraw an older one of the address; raises ClientError INVITATIONS."""
    with transaction.atomic():
        open_of(account).filter(email__iexact=email).update(withdrawn_at=timezone.now())
        if open_of(account).count() >= MOST_OPEN:
            raise ClientError("INVITATIONS", _("Too many invitations wait for an answer: withdraw some first."))
        invitation = Invitation.objects.create(
            account=account, email=email, name=name, role=role, personal_data=personal_data, invited_by=actor
        )
        audit.record(account.pk, actor, audit.Verb.INVITED, invitation, role=role, email=email)
    return invitation


def send(invitation: Invitation, link: str) -> None:
    """Write to the invited address, in the account's language; `link` leads to the page that takes the token."""
    with translation.override(invitation.account.language):
        values = {"account": invitation.account.name, "days": VALID.days, "link": link}
        lines = [
            _("You are invited to work in the account «%(account)s» of XML Delivery.") % values,
            "",
            _("Open this address within %(days)s days:") % values,
            link,
            "",
            _("Did you expect nothing of the kind? Then leave this mail unanswered."),
        ]
        subject = _("Invitation to «%(account)s»") % values
    EmailMessage(subject, "\n".join(lines), to=[invitation.email]).send()


def token_of(invitation: Invitation) -> str:
    """Return what the link carries; it is worth nothing once the invitation is over."""
    return signing.dumps(invitation.pk, salt=_SALT)


def read_token(token: str) -> Invitation | None:
    """Return the open invitation of a token, or None for whatever is wrong with it."""
    try:
        number = signing.loads(token, salt=_SALT, max_age=VALID)
    except signing.BadSignature:
        return None
    return all_open().select_related("account").filter(pk=number).first()


def owner_of(invitation: Invitation) -> User | None:
    """Return the user who has the invited address already: to join they log in as themselves.

    Also one who was deactivated: an invitation does not let them back in, and makes no second user of an address.
    """
    return User.objects.filter(email__iexact=invitation.email).order_by("-is_active", "id").first()


def accept(invitation: Invitation, user: User) -> Membership:
    """Give the user the place that was offered; raises ClientError where the account has them, or the name."""
    try:
        with transaction.atomic():
            if not all_open().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
                raise ClientError("INVITATION_OVER", _("This invitation is over: ask for another one."))
            membership = Membership.objects.create(
                account=invitation.account, user=user, name=invitation.name, role=invitation.role,
                personal_data=invitation.personal_data,
            )  # fmt: skip
            audit.record(invitation.account_id, user, audit.Verb.JOINED, membership, role=invitation.role)
    except IntegrityError as error:
        raise ClientError(
            "MEMBER_THERE", _("The account has you, or somebody of this name, already: tell who invited you.")
        ) from error
    return membership


def accept_as_new(invitation: Invitation, password: str) -> Membership:
    """Make the user whose address was invited, with this password, and give them the place."""
    with transaction.atomic():
        user = User(username=invitation.email[:150], email=invitation.email, suid=new_suid())
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            user.username = f"u-{secrets.token_hex(8)}"
            user.save()
        return accept(invitation, user)


def withdraw(invitation: Invitation, actor: User) -> None:
    """End an open invitation; one that is over stays as it is."""
    with transaction.atomic():
        if all_open().filter(pk=invitation.pk).update(withdrawn_at=timezone.now()):
            audit.record(invitation.account_id, actor, audit.Verb.INVITATION_WITHDRAWN, invitation)


def add_system(account: Account, name: str, *, actor: User) -> tuple[str, str]:
    """Make a user for a client's system, which logs in nowhere; returns its suid and its key, shown only now.

    Raises ClientError MEMBER_THERE where the account has a member of that name.
    """
    suid, key = new_suid(), get_random_string(32)
    try:
        with transaction.atomic():
            user = User.objects.create(username=suid, suid=suid, password=make_password(None))
            membership = Membership.objects.create(
                account=account, user=user, name=name, key_hash=make_password(key), key_made_at=timezone.now()
            )
            audit.record(account.pk, actor, audit.Verb.SYSTEM_ADDED, membership)
    except IntegrityError as error:
        raise ClientError("MEMBER_THERE", _("There is a member of this name already: choose another.")) from error
    return suid, key


def new_suid() -> str:
    """Return a user key that nobody has."""
    return f"u-{secrets.token_urlsafe(12)}"


def open_of(account: Account) -> QuerySet[Invitation]:
    """Return the account's invitations that wait for an answer."""
    return all_open().filter(account=account)


def all_open() -> QuerySet[Invitation]:
    """Return every account's invitations that wait for an answer."""
    young = timezone.now() - VALID
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None, created_at__gt=young)
