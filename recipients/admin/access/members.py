"""Who looks: the accounts in which somebody has a role, and the one that they chose."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest

from recipients.models import Account, Membership, Role

READERS: Final = frozenset(Role)
OPERATORS: Final = frozenset({Role.OPERATOR, Role.ACCOUNT_ADMIN})
ACCOUNT_ADMINS: Final = frozenset({Role.ACCOUNT_ADMIN})
NOBODY: Final = frozenset[Role]()
# Where the session keeps the account that somebody of several accounts chose.
CHOSEN: Final = "account"


def _all_memberships(request: HttpRequest) -> Mapping[int, Membership]:
    known: Mapping[int, Membership] | None = getattr(request, "memberships_by_account", None)
    if known is None:
        rows = Membership.objects.filter(user_id=request.user.pk) if request.user.is_authenticated else ()
        known = {row.account_id: row for row in rows}
        request.memberships_by_account = known  # type: ignore[attr-defined]  # a request is the cache's life
    return known


def chosen_account(request: HttpRequest) -> int | None:
    """Return the id of the account that was chosen for this session, while the user still belongs to it."""
    session = getattr(request, "session", None)
    wanted = session.get(CHOSEN) if session is not None else None
    return wanted if wanted is not None and (is_platform(request) or wanted in _all_memberships(request)) else None


def may_choose_from(request: HttpRequest) -> QuerySet[Account]:
    """Return the accounts among which the user chooses."""
    return (
        Account.objects.all() if is_platform(request) else Account.objects.filter(pk__in=_all_memberships(request))
    )


def memberships(request: HttpRequest) -> Mapping[int, Membership]:
    """Return the user's memberships by account id, read once a request; of the chosen account alone, if any."""
    known, wanted = _all_memberships(request), chosen_account(request)
    return {wanted: known[wanted]} if wanted is not None and wanted in known else known


def is_platform(request: HttpRequest) -> bool:
    """Return whether a platform administrator looks: all accounts are theirs."""
    return bool(request.user.is_active and request.user.is_superuser)


def accounts_of(request: HttpRequest, roles: frozenset[Role] = READERS) -> QuerySet[Account]:
    """Return the accounts in which the user has one of the roles."""
    if is_platform(request) and chosen_account(request) is None:
        return Account.objects.all()
    return Account.objects.filter(pk__in=account_ids(request, roles))


def account_ids(request: HttpRequest, roles: frozenset[Role] = READERS) -> list[int]:
    """Return the ids of those accounts, for whoever does not see all: as numbers, an index's order can be used."""
    if is_platform(request):
        wanted = chosen_account(request)
        return [] if wanted is None else [wanted]
    return [key for key, row in memberships(request).items() if row.role in roles]


def may(request: HttpRequest, account_id: int | None, roles: frozenset[Role]) -> bool:
    """Return whether the user has one of the roles in the account; without one: in any account."""
    if is_platform(request):
        return True
    rows = memberships(request)
    chosen = rows.values() if account_id is None else [rows[account_id]] if account_id in rows else []
    return any(row.role in roles for row in chosen)


def may_see_people(request: HttpRequest, account_id: int) -> bool:
    """Return whether the user may see personal data of the account: not a reviewer without the extra right."""
    if is_platform(request):
        return True
    row = memberships(request).get(account_id)
    return row is not None and (row.role in OPERATORS or row.personal_data)


def where_people_show(request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return those rows (with an `account_id`) whose account's people the user may see."""
    if is_platform(request):
        return rows
    return rows.filter(account_id__in=[key for key in memberships(request) if may_see_people(request, key)])
