"""The blacklist: look up, add, remove with a reason (reference 7)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from recipients import addresses, audit, suppressions
from recipients.admin.access import OPERATORS, OneAccountForm, where_people_show
from recipients.admin.blacklist_lists import ListPages
from recipients.admin.dialogs import Dialog, DialogsMixin, Question
from recipients.errors import ClientError
from recipients.models import BlacklistEntry, Reason, User


class EntryForm(OneAccountForm):
    """Checks the address as loading and settings do."""

    address = forms.CharField(label=lazy("address"), max_length=320, widget=UnfoldAdminTextInputWidget)

    def clean_address(self) -> str:
        try:
            return addresses.normalise(self.cleaned_data["address"])
        except ClientError as error:
            raise forms.ValidationError(error.message, code=error.code) from error


class LiftForm(forms.Form):
    """Why the address is taken off; it stays in the history."""

    why = forms.CharField(label=lazy("Reason"), max_length=200)


def _ask_lift(row: BlacklistEntry) -> Question:
    return Question(_("Write to %(address)s again?") % {"address": row.address or _("this address")})


def _lift(row: BlacklistEntry, user: User, data: dict[str, Any]) -> str:
    if row.address is None:
        raise Http404  # erased: what is left can't be taken off by address, and no button offers it
    with transaction.atomic():
        if suppressions.lift(row.account, row.address):
            audit.record(row.account_id, user, audit.Verb.BLACKLIST_REMOVED, row, why=data["why"])
    return _("%(address)s is off the blacklist.") % {"address": row.address}


@admin.register(BlacklistEntry)
class BlacklistAdmin(DialogsMixin):
    """Addresses that an account does not write to."""

    nothing = lazy(
        "Nobody is on the blacklist: addresses come here when their server refuses them, by complaints, or by "
        "hand. They show to those who may see personal data."
    )
    adders = OPERATORS
    form = EntryForm
    list_display = ("who", "state", "reason", "until", "count", "account", "created_at")
    list_filter = ("permanent", "reason")
    list_select_related = ("account",)
    search_fields = ("^address",)
    search_help_text = lazy("The beginning of an address, or @ and a domain")
    fields = ("account", "address", "note")
    shown = (
        "who",
        "account",
        "state",
        "reason",
        "created_at",
        "until",
        "count",
        "brought_by",
        "entered_by",
        "note",
    )
    ordering = ("-id",)
    list_after_template = "campaign/blacklist_files.html"
    dialogs = (
        Dialog(
            "lift",
            lazy("Remove"),
            "undo",
            _ask_lift,
            _lift,
            offered=lambda row: bool(row.address),
            form=LiftForm,
            leaves=True,
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        return ListPages(self).urls() + list(super().get_urls())

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what is asked for a new entry, or all that an entry tells of itself."""
        return super().get_fields(request, obj) if obj is None else self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let nobody rewrite an entry: it is taken off, and entered anew."""
        return super().get_readonly_fields(request, obj) if obj is None else self.shown

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Look for a domain where the search begins with @, else for the beginning of an address."""
        if search_term.strip().startswith("@"):
            return queryset.filter(address__iendswith=search_term.strip()), False
        found: tuple[Any, bool] = super().get_search_results(request, queryset, search_term)
        return found

    @admin.display(description=lazy("by delivery"))
    def brought_by(self, row: BlacklistEntry) -> str:
        """Link to the delivery whose bounce, complaint or unsubscription brought the address here."""
        if row.delivery is None:
            return "-"
        where = reverse("admin:deliveries_delivery_change", args=[row.delivery])
        return format_html('<a href="{}">{}</a>', where, row.delivery)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Addresses are personal data: a reviewer sees those of the accounts where they have the right."""
        return where_people_show(request, super().get_queryset(request))

    @admin.display(description=lazy("address"), ordering="address")
    def who(self, row: BlacklistEntry) -> str:
        """Return the address, or what stands for it."""
        return row.address or _("erased")

    @admin.display(description=lazy("state"))
    def state(self, row: BlacklistEntry) -> str:
        return _("permanent") if row.permanent else _("temporary")

    def save_model(self, request: HttpRequest, obj: BlacklistEntry, form: Any, _change: Any) -> None:
        """Leave the writing to the service, which knows fingerprints and entries that are there already."""
        address: str = form.cleaned_data["address"]
        suppressions.suppress(obj.account, address, Reason.BY_HAND, note=obj.note, actor=request.user)  # type: ignore[arg-type]  # signed in
        stored = BlacklistEntry.objects.get(account=obj.account, fingerprint=suppressions.fingerprint(address))
        audit.record(obj.account_id, request.user, audit.Verb.BLACKLIST_ADDED, stored, why=obj.note)
        obj.pk = stored.pk

    def log_addition(self, _request: HttpRequest, _obj: BlacklistEntry, _message: Any) -> None:
        """Say nothing twice: what was added is in the history by its address."""
