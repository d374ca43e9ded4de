"""Tokens of the read API: made, found, ended (reference 11)."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.errors import ClientError
from recipients.models import Account, ApiToken, Membership, Role, User

LEAST_LENGTH: Final = 8  # as short as a client may have had it; below what is safe a note says so
SAFE_LENGTH: Final = 32  # characters of a token that somebody else made: it is a password without a user
_USED_AGAIN: Final = timedelta(minutes=1)  # the row is not written with every request


def make(
    account: Account, name: str, *, personal_data: bool, expires_at: datetime | None, actor: User | None
) -> tuple[ApiToken, str]:
    """Make a token; return it with its secret, which is told only now. Raises ClientError for a name in use."""
    if living().filter(account=account, name=name).exists():
        raise ClientError("API_TOKEN_NAME", _("The account has a token “%s”; give another name.") % name)
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        account=account,
        name=name,
        token_hash=_hashed(secret),
        personal_data=personal_data,
        expires_at=expires_at,
        created_by=actor,
    )
    return token, secret


def provision(membership: Membership, secret: str) -> ApiToken:
    """Give a member this token in place of an earlier one. Raises ClientError where it is short or another's."""
    if len(secret) < LEAST_LENGTH:
        raise ClientError("API_TOKEN_SHORT", _("api_token needs %s characters or more") % LEAST_LENGTH)
    hashed = _hashed(secret)
    if ApiToken.objects.filter(token_hash=hashed).exclude(membership=membership).exists():
        raise ClientError("API_TOKEN_TAKEN", _("api_token is in use elsewhere; write another one"))
    token, _made = ApiToken.objects.update_or_create(
        membership=membership,
        defaults={
            "account": membership.account,
            "name": f"user {membership.name}"[:150],
            "token_hash": hashed,
            "personal_data": _sees_people(membership),
            "revoked_at": None,
            "expires_at": None,
        },
    )
    return token


def make_for(membership: Membership, expires_at: datetime | None) -> str:
    """Give a member a new token, an earlier one ends; return its secret, which is told only now."""
    secret = secrets.token_urlsafe(32)
    provision(membership, secret)
    ApiToken.objects.filter(membership=membership).update(expires_at=expires_at)
    return secret


def revoke(token: ApiToken) -> bool:
    """End a token; return whether it was living."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()))


def find(secret: str) -> ApiToken | None:
    """Return the living token with this secret and note that it was used."""
    now = timezone.now()
    token = living().select_related("account", "membership__user").filter(token_hash=_hashed(secret)).first()
    if token is None or (token.membership is not None and not token.membership.user.is_active):
        return None
    if token.membership is not None:  # what the member may read now, not when the token was made
        token.personal_data = _sees_people(token.membership)
    if token.last_used_at is None or now - token.last_used_at > _USED_AGAIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def living() -> QuerySet[ApiToken]:
    """Return the tokens that are neither revoked nor expired."""
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


def _sees_people(membership: Membership) -> bool:
    return membership.role != Role.REVIEWER or membership.personal_data


def _hashed(secret: str) -> bytes:
    """Return what is kept of a secret: random and long, so one plain hash of it is as hard to turn back."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
