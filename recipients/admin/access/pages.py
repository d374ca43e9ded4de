"""Pages of rows that lie in accounts: lists, forms and choices show what the user's own accounts hold."""

from typing import Any, ClassVar

from django.contrib.admin import RelatedFieldListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, JSONField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_stubs_ext import StrOrPromise
from unfold.admin import ModelAdmin

from recipients import audit
from recipients.admin.access.changes import changes_of
from recipients.admin.access.forms import OneAccountForm, account_id_of
from recipients.admin.access.lookups import ListedLookups
from recipients.admin.access.members import (
    NOBODY,
    READERS,
    account_ids,
    accounts_of,
    chosen_account,
    is_platform,
    may,
)
from recipients.admin.fields import StorableJsonField
from recipients.models import Account, Role


class ScopedRelatedFilter(RelatedFieldListFilter):
    """A list filter that offers only what the user's accounts hold."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, StrOrPromise]]:
        """Return id and name of the first thousand, by name, as the related page would list them."""
        related = model_admin.admin_site.get_model_admin(field.related_model)
        rows = related.get_queryset(request).order_by("name")[:1000]
        return [(row.pk, str(row)) for row in rows]


class AccountScopedAdmin(ListedLookups, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """A page of rows that lie in accounts; `account_path` leads from a row to its account's id."""

    account_path: ClassVar[str] = "account_id"
    readers: ClassVar[frozenset[Role]] = READERS
    nothing: ClassVar[StrOrPromise] = ""  # what an empty list says: what would be here and how it gets here
    adders: ClassVar[frozenset[Role]] = NOBODY
    changers: ClassVar[frozenset[Role]] = NOBODY
    removers: ClassVar[frozenset[Role]] = NOBODY
    form = OneAccountForm
    formfield_overrides = {JSONField: {"form_class": StorableJsonField}}
    show_full_result_count = False
    empty_value_display = "—"
    list_per_page = 25
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the accounts in which the user may read."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if is_platform(request) and chosen_account(request) is None:
            return rows
        return rows.filter(**{f"{self.account_path}__in": account_ids(request, self.readers)})

    def account_of(self, row: Model) -> int | None:
        """Return the id of the account that this row lies in."""
        return account_id_of(row)

    def _may(self, request: HttpRequest, row: Any, roles: frozenset[Role]) -> bool:
        """Check a row by its account, a page by any account; an id (Unfold asks so) is looked up first."""
        if row is None:
            return may(request, None, roles)
        if not isinstance(row, Model):
            row = self.get_object(request, str(row))
            if row is None:
                return False
        return may(request, self.account_of(row) or 0, roles)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, None, self.readers)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, self.readers)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  inlines pass one
        """Return whether the user may add in any account; the form offers only those accounts."""
        return may(request, None, self.adders) if self.adders else False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.changers) and self._may(request, obj, self.changers)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.removers) and self._may(request, obj, self.removers)

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
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.related_model is Account and field is not None:
            only = list(field.queryset.values_list("pk", flat=True)[:2])
            if len(only) == 1:  # nothing to choose
                field.initial, field.empty_label = only[0], None
        return field

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002  Django's signature
        """Keep beside Django's message what each field was and is, for the account's history."""
        request.changes = changes_of(form)  # type: ignore[attr-defined]  # until log_change, in the same request
        return super().construct_change_message(request, form, formsets, add)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002  the same
        """Lead to the account's history of this one row."""
        row = self.row_or_404(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        kind = row._meta.model_name  # noqa: SLF001  Django's documented _meta
        where = reverse(f"{self.admin_site.name}:deliveries_activity_changelist")
        return HttpResponseRedirect(f"{where}?{urlencode({'thing': f'{kind}-{row.pk}'})}")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep it in the account's history too."""
        self._record(request, obj, audit.Verb.ADDED)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep it in the account's history too, with what was changed from what to what."""
        self._record(request, obj, audit.Verb.CHANGED, changes=getattr(request, "changes", {}))
        return super().log_change(request, obj, message)

    def _record(self, request: HttpRequest, row: Model, verb: audit.Verb, **params: Any) -> None:
        audit.record(self.account_of(row), request.user, verb, row, **params)

    def _get_obj_does_not_exist_redirect(self, _request: HttpRequest, _opts: Any, _object_id: str) -> HttpResponse:
        """Answer 404 where Django would go to the index with the id in a message."""
        raise Http404
