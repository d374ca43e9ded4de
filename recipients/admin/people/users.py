"""People, for the platform alone: a person may belong to several accounts."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as lazy
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from recipients.admin.access import ListedLookups, is_platform
from recipients.models import User


@admin.register(User)
class UserAdmin(ListedLookups, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg,misc]  # Unfold ships no types
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
        (lazy("Rights"), {"fields": ("is_active", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Let nobody but the platform find people, so that each page answers as for one who is not there."""
        rows = super().get_queryset(request)
        return rows if is_platform(request) else rows.none()

    def _get_obj_does_not_exist_redirect(self, _request: HttpRequest, _opts: Any, _object_id: str) -> HttpResponse:
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave the list to the platform: it would show people of all accounts."""
        return is_platform(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        return is_platform(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave adding to the platform: an account invites."""
        return is_platform(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        return is_platform(request)

    def has_delete_permission(self, _request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Delete nobody: what they did stays theirs, and deactivating ends their sessions."""
        return False
