"""Users of a provisioning file: who they are, their keys, their passwords."""

import secrets
from hashlib import sha256

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from deliveries.provisioning.plan import Table
from recipients.models import Account, Membership, Role, User


def provision_user(account: Account, table: Table) -> dict[str, str | None]:
    """Create or update one user of the account; returns suid and, when this call made it, the key."""
    user = _user(account, table)
    membership, _ = Membership.objects.get_or_create(account=account, user=user, defaults={"name": table["name"]})
    membership.name = table["name"]
    membership.role = table.get("role", membership.role or Role.OPERATOR)
    key = _new_key(membership, table.get("key"))
    if token := table.get("api_token"):
        membership.api_token_hash = sha256(token.encode()).hexdigest()
    membership.save()
    return {"suid": user.suid, "key": key}


def _user(account: Account, table: Table) -> User:
    """Find by suid, else among the account's own members by name; whoever is new gets a free log-in name."""
    suid, name = table.get("suid"), table["name"]
    user = User.objects.filter(suid=suid).first() if suid else None
    if user is None:
        user = User.objects.filter(memberships__account=account, memberships__name=name).first()
    if user is None:
        taken = User.objects.filter(username=name).exists()
        user = User(username=f"{name}@{account.pk}" if taken else name)
        user.set_unusable_password()
    user.email = table["email"]
    user.suid = suid or user.suid or f"u-{secrets.token_urlsafe(12)}"
    user.is_staff = True
    password = table.get("password")
    if password and not user.check_password(password):
        user.set_password(password)
    user.save()
    return user


def _new_key(membership: Membership, given: str | None) -> str | None:
    """Set the key that is given or, where there is none yet, a made one; returns it when it is new."""
    if given is None and membership.key_hash:
        return None
    if given is not None and membership.key_hash and check_password(given, membership.key_hash):
        return None
    key = given or secrets.token_urlsafe(24)
    membership.key_hash = make_password(key)
    membership.key_made_at = timezone.now()
    return key
