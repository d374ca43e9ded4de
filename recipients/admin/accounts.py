"""Accounts, people and their places in accounts."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from recipients import audit
from recipients.admin.access import ACCOUNT_ADMINS, AccountScopedAdmin, ListedLookups, OneAccountForm, is_platform
from recipients.admin.choosing import ChoosingPage
from recipients.admin.dialogs import Dialog, DialogsMixin, Question
from recipients.admin.fields import lines_field
from recipients.models import Account, Membership, User


class AccountForm(OneAccountForm):
    """Offers zones and languages, and takes lists a line each."""

    time_zone = forms.ChoiceField(
        label=lazy("time zone"),
        choices=[(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"],
        widget=UnfoldAdminSelectWidget,
    )
    language = forms.ChoiceField(label=lazy("language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget)
    domains = lines_field(lazy("sender domains"), lazy("One a line; empty: those of its newsletters' senders."))
    fetch_hosts = lines_field(
        lazy("hosts to fetch from"), lazy("One a line. Messages may include files from these alone.")
    )


@admin.register(Account)
class AccountAdmin(AccountScopedAdmin):
    """Accounts: the platform makes and activates them, an account administrator keeps its own words."""

    account_path = "pk"
    changers = ACCOUNT_ADMINS
    list_display = ("name", "xml_delivery", "time_zone", "language", "created_at")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "xml_delivery", "time_zone", "language", "domains", "fetch_hosts")
    form = AccountForm

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which somebody of several accounts chooses one."""
        return ChoosingPage(self).urls() + list(super().get_urls())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Only the platform makes accounts."""
        return is_platform(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002  the admin
        """Leave activation and the allow-list of hosts to the platform (reference 9)."""
        return () if is_platform(request) else ("xml_delivery", "fetch_hosts")


@admin.register(User)
class UserAdmin(ListedLookups, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg,misc]  # Unfold ships no types
    """People, for the platform alone: a person may belong to several accounts."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "suid", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("username", "email", "suid")
    list_per_page = 25
    show_full_result_count = False
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "email", "password", "suid", "language")}),
        (lazy("Rights"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Let nobody but the platform find people, so that each page answers as for one who is not there."""
        rows = super().get_queryset(request)
        return rows if is_platform(request) else rows.none()

    def _get_obj_does_not_exist_redirect(self, _request: HttpRequest, _opts: Any, _object_id: str) -> HttpResponse:
        """Answer 404, as the other pages do."""
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        """People are the platform's: a list of all of them would look over every wall."""
        return is_platform(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Only the platform looks."""
        return is_platform(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only the platform adds."""
        return is_platform(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Only the platform changes."""
        return is_platform(request)

    def has_delete_permission(self, _request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Nobody is deleted: what they did stays theirs; deactivating ends their sessions."""
        return False


def _ask_key(row: Membership) -> Question:
    return Question(
        _("Make a new key for «%(name)s»?") % {"name": row.name},
        [_("The present key stops working at once: bundles that carry it end in an error.")],
    )


def _new_key(row: Membership, user: User, _data: dict[str, Any]) -> str:
    """Make and keep the hash of a new key; the key is shown this once."""
    key = get_random_string(32)
    with transaction.atomic():
        Membership.objects.filter(pk=row.pk).update(key_hash=make_password(key), key_made_at=timezone.now())
        audit.note(row.account_id, user, audit.Verb.KEY_MADE, row)
    return _("The new key, shown only now: %(key)s") % {"key": key}


class MembershipForm(OneAccountForm):
    """A person stands once in an account, and so does a name."""

    sentences = {
        "one_member_of_a_name": ("name", lazy("There is a member of this name already: choose another.")),
        "one_membership_each": ("user", lazy("This person belongs to the account already: change what is there.")),
    }


@admin.register(Membership)
class MembershipAdmin(DialogsMixin):
    """Users and rights of an account."""

    changers = ACCOUNT_ADMINS
    removers = ACCOUNT_ADMINS
    readers = ACCOUNT_ADMINS
    form = MembershipForm
    nothing = lazy("Nobody belongs to an account yet: provisioning brings them, or the platform adds them.")
    list_display = ("name", "user", "account", "role", "personal_data", "key_made_at")
    list_filter = ("role",)
    list_select_related = ("user", "account")
    search_fields = ("name", "user__email", "user__suid")
    autocomplete_fields = ("user",)
    fields = ("account", "user", "name", "role", "personal_data", "key_made_at")
    ordering = ("account__name", "name")
    dialogs = (
        Dialog("new-key", lazy("New key"), "key", _ask_key, _new_key, roles=ACCOUNT_ADMINS, variant="warning"),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Only the platform joins a person to an account: choosing one would show everybody's names."""
        return is_platform(request)

    def get_readonly_fields(self, _request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Keep a membership with its person and account."""
        return ("account", "user", "key_made_at") if obj else ("key_made_at",)
