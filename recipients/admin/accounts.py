"""Accounts, people and their places in accounts."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminSelectWidget

from recipients.admin.access import ACCOUNT_ADMINS, AccountScopedAdmin, OneAccountForm, is_platform
from recipients.admin.choosing import ChoosingPage
from recipients.admin.fields import lines_field
from recipients.models import Account
from recipients.models.accounts import ZONE_BY_DEFAULT


class AccountForm(OneAccountForm):
    """Offers zones and languages, and takes lists a line each."""

    time_zone = forms.ChoiceField(
        label=lazy("time zone"),
        choices=[(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"],
        widget=UnfoldAdminSelectWidget,
        initial=ZONE_BY_DEFAULT,
    )
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
    fields = ("name", "xml_delivery", "time_zone", "language", "report_language", "fetch_hosts", "ask_above")
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
