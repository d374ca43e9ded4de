"""Sender domains: an account administrator declares and proves them, the platform vouches."""

from typing import Any

from django import forms
from django.contrib.admin import display
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from recipients.admin.access import ACCOUNT_ADMINS, OneAccountForm, is_platform
from recipients.admin.dialogs import Dialog, DialogsMixin, Question
from recipients.domains import ownership
from recipients.errors import ClientError
from recipients.models import DomainState, SenderDomain, User


class DomainForm(OneAccountForm):
    """Declares a domain; the service checks it."""

    domain = forms.CharField(label=lazy("domain"), max_length=253, widget=UnfoldAdminTextInputWidget)

    def clean(self) -> dict[str, Any]:
        """Refuse what the account can't have."""
        cleaned = super().clean()
        account, domain = cleaned.get("account"), cleaned.get("domain")
        if account and domain:
            try:
                cleaned["domain"] = ownership.possible(account, domain)
            except ClientError as error:
                self.add_error("domain", error.message)
        return cleaned


def _ask_check(row: SenderDomain) -> Question:
    name, value = ownership.record(row)
    asked = _("Publish a TXT record with the name %(name)s and the value %(value)s, then check.")
    return Question(_("Is %(domain)s yours?") % {"domain": row.domain}, (asked % {"name": name, "value": value},))


def _check(row: SenderDomain, _user: User, _data: dict[str, Any]) -> str:
    ownership.prove(row)
    return _("%(domain)s is proved: deliveries may be sent from it.") % {"domain": row.domain}


def _ask_vouch(row: SenderDomain) -> Question:
    return Question(
        _("Vouch for %(domain)s?") % {"domain": row.domain},
        (_("%(account)s may then send from it without a proof.") % {"account": row.account},),
    )


def _vouch(row: SenderDomain, user: User, _data: dict[str, Any]) -> str:
    if not user.is_superuser:
        raise PermissionDenied
    ownership.vouch(row.account, [row.domain])
    return _("%(account)s may send from %(domain)s.") % {"account": row.account, "domain": row.domain}


def _is_unproved(row: SenderDomain) -> bool:
    return row.state == DomainState.UNPROVED


class DomainPages(DialogsMixin):
    """The domains that an account sends from; registered above, where it is known what their DNS should say."""

    nothing = lazy("No domain yet: add the one that your newsletters are sent from.")
    adders = removers = ACCOUNT_ADMINS
    form = DomainForm
    list_display = ("domain", "account", "state", "record", "checked_at")
    list_filter = ("state",)
    list_select_related = ("account",)
    search_fields = ("domain",)
    fields = ("account", "domain")
    ordering = ("domain", "id")
    dialogs = (
        Dialog("check", lazy("Check now"), "verified", _ask_check, _check, _is_unproved, roles=ACCOUNT_ADMINS),
        Dialog("vouch", lazy("Vouch"), "approval", _ask_vouch, _vouch, _is_unproved, roles=frozenset()),
    )

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show what is known of a domain that was declared."""
        return (
            ("account", "domain", "state", "record", "declared_at", "checked_at", "proved_at")
            if obj
            else self.fields
        )

    @display(description=lazy("TXT record to publish"))
    def record(self, row: SenderDomain) -> str:
        """Return name and value, until the domain counts."""
        return " ".join(ownership.record(row)) if _is_unproved(row) else "-"

    def save_model(self, request: HttpRequest, obj: SenderDomain, _form: Any, _change: Any) -> None:
        """Leave the writing to the service; the platform vouches for what it adds itself."""
        if is_platform(request):
            stored = ownership.vouch(obj.account, [obj.domain])[0]
        else:
            stored = ownership.declare(obj.account, obj.domain)
        obj.pk = stored.pk
