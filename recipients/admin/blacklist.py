"""The blacklist: look up, add, remove with a reason (reference 7)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from recipients import addresses, audit, suppressions
from recipients.admin.access import OPERATORS, OneAccountForm, is_platform, may_see_people, memberships
from recipients.admin.dialogs import Dialog, DialogsMixin, Question
from recipients.errors import ClientError
from recipients.models import BlacklistEntry, Reason, User


class EntryForm(OneAccountForm):
    """Checks the address as every other road does."""

    address = forms.CharField(label=lazy("address"), max_length=320, widget=UnfoldAdminTextInputWidget)

    def clean_address(self) -> str:
        """Return the normalised address."""
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
            audit.note(row.account_id, user, audit.Verb.BLACKLIST_REMOVED, row, why=data["why"])
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
    search_help_text = lazy("The beginning of an address")
    fields = ("account", "address", "note")
    ordering = ("-id",)
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Addresses are personal data: a reviewer sees those of the accounts where they have the right."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if is_platform(request):
            return rows
        return rows.filter(account_id__in=[key for key in memberships(request) if may_see_people(request, key)])

    @admin.display(description=lazy("address"), ordering="address")
    def who(self, row: BlacklistEntry) -> str:
        """Return the address, or what stands for it."""
        return row.address or _("erased")

    @admin.display(description=lazy("state"))
    def state(self, row: BlacklistEntry) -> str:
        """Return permanent or temporary."""
        return _("permanent") if row.permanent else _("temporary")

    def save_model(self, request: HttpRequest, obj: BlacklistEntry, form: Any, _change: Any) -> None:
        """Leave the writing to the service, which knows fingerprints and entries that stand already."""
        address: str = form.cleaned_data["address"]
        suppressions.suppress(obj.account, address, Reason.BY_HAND, note=obj.note)
        stored = BlacklistEntry.objects.get(account=obj.account, fingerprint=suppressions.fingerprint(address))
        audit.note(obj.account_id, request.user, audit.Verb.BLACKLIST_ADDED, stored, why=obj.note)
        obj.pk = stored.pk

    def log_addition(self, _request: HttpRequest, _obj: BlacklistEntry, _message: Any) -> None:
        """Say nothing twice: what was added stands in the history by its address."""
