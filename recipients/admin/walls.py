"""Walls between accounts: whoever looks sees the accounts they belong to, and "not yours" is "does not exist"."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.contrib.admin import RelatedFieldListFilter
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise
from unfold.admin import ModelAdmin

from recipients.admin import journal
from recipients.models import Account, Membership, Role

READERS: Final = frozenset(Role)
ACTORS: Final = frozenset({Role.OPERATOR, Role.ACCOUNT_ADMIN})
KEEPERS: Final = frozenset({Role.ACCOUNT_ADMIN})
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
    """Say whether a platform administrator looks: all accounts are theirs."""
    return bool(request.user.is_active and request.user.is_superuser)


def accounts_of(request: HttpRequest, roles: frozenset[Role] = READERS) -> QuerySet[Account]:
    """Return the accounts in which the user has one of the roles."""
    if is_platform(request):
        wanted = chosen_account(request)
        return Account.objects.filter(pk=wanted) if wanted else Account.objects.all()
    mine = [key for key, row in memberships(request).items() if row.role in roles]
    return Account.objects.filter(pk__in=mine)


def may(request: HttpRequest, account_id: int | None, roles: frozenset[Role]) -> bool:
    """Say whether the user has one of the roles in the account; without one: in any account."""
    if is_platform(request):
        return True
    rows = memberships(request)
    chosen = rows.values() if account_id is None else [rows[account_id]] if account_id in rows else []
    return any(row.role in roles for row in chosen)


def may_see_people(request: HttpRequest, account_id: int) -> bool:
    """Say whether the user may see personal data of the account: not a reviewer without the extra right."""
    if is_platform(request):
        return True
    row = memberships(request).get(account_id)
    return row is not None and (row.role in ACTORS or row.personal_data)


class OneAccountForm(ModelForm):  # type: ignore[type-arg]  # subscripting needs the model that each admin gives
    """Refuses rows that point into two accounts at once, whoever wrote them."""

    def clean(self) -> dict[str, Any]:
        """Compare the account of everything chosen; whoever belongs to two accounts must not join them."""
        cleaned = super().clean() or self.cleaned_data
        home = cleaned.get("account") or getattr(self.instance, "account", None) if _has_account(self) else None
        home_id = home.pk if home else None
        for name, value in cleaned.items():
            other = account_id_of(value) if isinstance(value, Model) else None
            if other is None:
                continue
            home_id = home_id or other
            if other != home_id:
                raise ValidationError({name: _("This belongs to another account.")}, code="ANOTHER_ACCOUNT")
        return cleaned


def _has_account(form: OneAccountForm) -> bool:
    return "account" in form.fields or bool(getattr(form.instance, "account_id", None))


def account_id_of(value: Model) -> int | None:
    """Return the id of the account that a row lies in, or None for rows of no account."""
    if isinstance(value, Account):
        return int(value.pk)
    if hasattr(value, "account_id"):
        return int(value.account_id) if value.account_id else None
    database = getattr(value, "database", None)
    return int(database.account_id) if database is not None else None


class ScopedRelatedFilter(RelatedFieldListFilter):
    """A list filter that offers only what the user's accounts hold."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, StrOrPromise]]:
        """Return id and name of the first thousand, by name, as the related page would list them."""
        related = model_admin.admin_site.get_model_admin(field.related_model)
        rows = related.get_queryset(request).order_by("name")[:1000]
        return [(row.pk, str(row)) for row in rows]


class Walled(ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """A page of rows that lie in accounts; `account_path` leads from a row to its account's id."""

    account_path: ClassVar[str] = "account_id"
    readers: ClassVar[frozenset[Role]] = READERS
    nothing: ClassVar[StrOrPromise] = ""  # what an empty list says: what would be here and how it gets here
    adders: ClassVar[frozenset[Role]] = NOBODY
    changers: ClassVar[frozenset[Role]] = NOBODY
    removers: ClassVar[frozenset[Role]] = NOBODY
    form = OneAccountForm
    show_full_result_count = False
    list_per_page = 25
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the accounts in which the user may read."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if is_platform(request) and chosen_account(request) is None:
            return rows
        return rows.filter(**{f"{self.account_path}__in": accounts_of(request, self.readers).values("pk")})

    def account_of(self, row: Model) -> int | None:
        """Return the id of the account that this row lies in."""
        return account_id_of(row)

    def _may(self, request: HttpRequest, row: Any, roles: frozenset[Role]) -> bool:
        """Judge a row by its account, a page by any account; an id (Unfold asks so) is looked up first."""
        if row is None:
            return may(request, None, roles)
        if not isinstance(row, Model):
            row = self.get_object(request, str(row))
            if row is None:
                return False
        return may(request, self.account_of(row) or 0, roles)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say whether the page stands in the menu."""
        return may(request, None, self.readers)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the user may read."""
        return self._may(request, obj, self.readers)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  inlines pass one
        """Say whether the user may add in any account; the form offers only those accounts."""
        return may(request, None, self.adders) if self.adders else False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the user may change."""
        return bool(self.changers) and self._may(request, obj, self.changers)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the user may delete."""
        return bool(self.removers) and self._may(request, obj, self.removers)

    def has_act_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the user may do what an operator does here."""
        return self._may(request, obj, ACTORS)

    def row_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row; another account's is as unknown as none at all."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only what lies in the user's accounts; in accounts themselves, those where they may write."""
        if "queryset" not in kwargs:
            related = db_field.related_model
            if related is Account:
                kwargs["queryset"] = accounts_of(request, self.adders | self.changers)
            elif self.admin_site.is_registered(related):
                kwargs["queryset"] = self.admin_site.get_model_admin(related).get_queryset(request)
            else:
                kwargs["queryset"] = related._default_manager.none()  # noqa: SLF001  the documented way from a class
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep it in the account's history too."""
        self._told(request, obj, "added")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep it in the account's history too, with the names of what was changed."""
        changed = message[0].get("changed", {}).get("fields", []) if isinstance(message, list) and message else []
        self._told(request, obj, "changed", ", ".join(changed))
        return super().log_change(request, obj, message)

    def _told(self, request: HttpRequest, row: Model, what: str, more: str = "") -> None:
        verb = f"{self.opts.model_name} {what}"
        detail = f"{row.pk} {row}" + (f": {more}" if more else "")
        journal.note(self.account_of(row), request.user, verb, detail)  # type: ignore[arg-type]  # signed in

    def _get_obj_does_not_exist_redirect(self, _request: HttpRequest, _opts: Any, _object_id: str) -> HttpResponse:
        """Answer 404 where Django would go to the index with the id in a message."""
        raise Http404
