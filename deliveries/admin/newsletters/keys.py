"""DKIM keys of a newsletter, made by a dialog (reference 8)."""

from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from deliveries import audit
from deliveries.admin.newsletters.records import domain_sent_from
from deliveries.configuring import validate_newsletter
from deliveries.domains import dkim
from deliveries.errors import ClientError
from deliveries.models import Newsletter
from recipients.admin.access import ACCOUNT_ADMINS
from recipients.admin.dialogs import Dialog, Done, Question
from recipients.audit import Verb
from recipients.models import User


class KeysForm(forms.Form):
    """Under which names the two keys are published."""

    domain = forms.CharField(label=lazy("domain"), max_length=253, widget=UnfoldAdminTextInputWidget)
    selector = forms.CharField(label=lazy("DKIM selector"), max_length=50, widget=UnfoldAdminTextInputWidget)


def _ask(row: Newsletter) -> Question:
    warning = _("The keys there are go: their records in the DNS then verify nothing.") if row.dkim_key else ""
    return Question(
        _("Make DKIM keys for «%(name)s»?") % {"name": row.name},
        [_("An RSA and an Ed25519 key; mails are signed at once: publish the records shown next without delay.")],
        warning=warning,
    )


def _make(row: Newsletter, user: User, data: dict[str, Any]) -> Done:
    result = validate_newsletter({"dkim_domain": data["domain"], "dkim_selector": data["selector"]}, None)
    if result.faults:
        raise ClientError("DKIM", next(iter(result.faults.values())))
    dkim.make_keys(row, result.kept["dkim_domain"], result.kept["dkim_selector"])
    audit.record(row.account_id, user, Verb.CHANGED, row, {"dkim": result.kept["dkim_domain"]})
    return Done(
        _("The keys are made: publish the records below."),
        reverse("admin:deliveries_newsletter_dns", args=[row.pk]),
    )


def _initial(row: Newsletter, _user: User) -> dict[str, Any]:
    return {"domain": row.dkim_domain or domain_sent_from(row), "selector": row.dkim_selector or "xmld"}


MAKE_KEYS: Final = Dialog(
    "make-keys", lazy("Make DKIM keys"), "key", _ask, _make, form=KeysForm, initial=_initial, roles=ACCOUNT_ADMINS
)
