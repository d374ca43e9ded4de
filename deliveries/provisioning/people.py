"""Users of a provisioning file: who they are, their keys, their passwords."""

import secrets
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from deliveries.models import Activity
from deliveries.provisioning import bounds
from deliveries.provisioning.faults import Table, fault
from recipients import api_tokens
from recipients.addresses import parse
from recipients.audit import Verb as ListVerb
from recipients.errors import ClientError
from recipients.models import Account, Membership, Role, User

_KEPT: Final = "a key was made in the area since: it is kept, and the file's key opens nothing"
_SHORT: Final = "api_token is short enough to be guessed: write 32 random characters or more"


def provision_user(account: Account, table: Table) -> dict[str, str | None]:
    """Create or update one user of the account; returns suid and, when this call made it, the key.

    A key that a person made in the area stays: a file that is provisioned again at each start would undo it.

    Who has a place in another account, or is the platform's, is only given a place here: what all accounts share
    of them (address, suid, password) a file of one account does not change.
    """
    where = f"user {table['name']!r}"
    user = _user_named(account, table)
    if user is None:
        user = _new_user(account, table, where)
    elif belongs_to_others(user, account):
        _refuse_changes(account, user, table, where)
    else:
        _update(user, table, where)
    membership = _membership(account, user, table, where)
    own = _key_is_made_by_hand(membership)
    key = None if own else _new_key(membership, table.get("key"))
    membership.save()
    if token := table.get("api_token"):
        _give_token(membership, token, where)
    notes = [_KEPT] if own and table.get("key") else []
    if token and len(token) < api_tokens.SAFE_LENGTH:
        notes.append(_SHORT)
    return {"suid": user.suid or "", "key": key, **({"note": "; ".join(notes)} if notes else {})}


def _user_named(account: Account, table: Table) -> User | None:
    """Find by suid, else among the account's own members by name."""
    suid = table.get("suid")
    by_suid = User.objects.filter(suid=suid).first() if suid else None
    return by_suid or User.objects.filter(memberships__account=account, memberships__name=table["name"]).first()


def belongs_to_others(user: User, account: Account) -> bool:
    """Return whether somebody else answers for the user: the platform, another account, or nobody."""
    places = set(user.memberships.values_list("account_id", flat=True))
    return user.is_superuser or places != {account.pk}


def _refuse_changes(account: Account, user: User, table: Table, where: str) -> None:
    """Let through what changes nothing of the user. A password is compared for a member only: no file may guess."""
    member = user.memberships.filter(account=account).exists()
    password = table.get("password")
    whose = "of a user who is not this account's alone"
    if password and not (member and user.check_password(password)):
        raise fault(
            f"{where}: the suid or name is that {whose}: take password out, the platform sets it in the admin"
        )
    if _address(table, where).lower() != user.email.lower():
        raise fault(f"{where}: email is not that {whose} and has the suid or name: write theirs, or another suid")
    if table.get("suid", user.suid) != user.suid:
        raise fault(f"{where}: suid is not that {whose} and has the name: write theirs, or another name")


def _new_user(account: Account, table: Table, where: str) -> User:
    """Return a new user; whose name is taken logs in with another one, or the address."""
    name = table["name"]
    names = (name, f"{name}@{account.pk}")
    taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    free = [each for each in names if each not in taken]
    if not free:
        raise fault(f"{where}: somebody else logs in with this name: write another one")
    user = User(username=free[0])
    user.set_unusable_password()
    _update(user, table, where)
    return user


def _update(user: User, table: Table, where: str) -> None:
    user.email = _address(table, where)
    user.suid = table.get("suid") or user.suid or f"u-{secrets.token_urlsafe(12)}"
    user.is_staff = True
    password = table.get("password")
    if password and not user.check_password(password):
        user.set_password(password)
    bounds.check_row(User(), {"username": user.username, "email": user.email, "suid": user.suid}, where)
    user.save()


def _address(table: Table, where: str) -> str:
    try:
        return parse(table["email"]).text
    except ClientError as error:
        raise fault(f"{where}: email: {error.message}") from error


def _membership(account: Account, user: User, table: Table, where: str) -> Membership:
    """Return the user's place in the account, unsaved where it is new."""
    name = table["name"]
    bounds.check_row(Membership(), {"name": name}, where)
    if Membership.objects.filter(account=account, name=name).exclude(user=user).exists():
        raise fault(f"{where}: another user of the account has this name, and the suid is not theirs: write one "
                    "of them anew")  # fmt: skip
    membership = Membership.objects.filter(account=account, user=user).first() or Membership(
        account=account, user=user
    )
    membership.name = name
    membership.role = table.get("role", membership.role or Role.OPERATOR)
    return membership


def _give_token(membership: Membership, token: str, where: str) -> None:
    try:
        api_tokens.provision(membership, token)
    except ClientError as error:
        raise fault(f"{where}: {error.message}") from error


def _key_is_made_by_hand(membership: Membership) -> bool:
    """Return whether a person made the present key: only then does the history tell of one."""
    made = Activity.objects.filter(verb=ListVerb.KEY_MADE, target_type="membership", target_id=membership.pk)
    return membership.pk is not None and made.exists()


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
