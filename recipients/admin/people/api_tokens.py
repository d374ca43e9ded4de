"""A user's token of the read API: made here, shown once, ended here (reference 11)."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import INPUT_CLASSES

from recipients import api_tokens, audit
from recipients.admin.access import ACCOUNT_ADMINS
from recipients.admin.dialogs import Dialog, Question
from recipients.models import Membership, User

MOST_DAYS: Final = 3_650  # ten years


class ExpiryForm(forms.Form):
    """How long the token opens the API."""

    days = forms.IntegerField(
        label=lazy("days until it expires"),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        help_text=lazy("Empty: it works until somebody ends it."),
        widget=forms.NumberInput(attrs={"class": " ".join(INPUT_CLASSES)}),
    )


def _ask_new(row: Membership) -> Question:
    return Question(
        _("Make an API token for «%(name)s»?") % {"name": row.name},
        [_("It reads what this user may read. An earlier one stops working at once.")],
    )


def _make(row: Membership, user: User, data: dict[str, Any]) -> str:
    expires_at = timezone.now() + timedelta(days=data["days"]) if data.get("days") else None
    with transaction.atomic():
        secret = api_tokens.make_for(row, expires_at)
        audit.record(row.account_id, user, audit.Verb.API_TOKEN_MADE, row)
    return _("The new API token, shown only now: %(token)s") % {"token": secret}


def _ask_end(row: Membership) -> Question:
    return Question(
        _("End the API token of «%(name)s»?") % {"name": row.name}, [_("Programs that use it are refused at once.")]
    )


def _end(row: Membership, user: User, _data: dict[str, Any]) -> str:
    with transaction.atomic():
        if api_tokens.revoke(row.api_token):
            audit.record(row.account_id, user, audit.Verb.API_TOKEN_REVOKED, row)
    return _("«%(name)s» has no API token now.") % {"name": row.name}


def _has_one(row: Membership) -> bool:
    return api_tokens.living().filter(membership=row).exists()


DIALOGS: Final = (
    Dialog("new-api-token", lazy("New API token"), "api", _ask_new, _make, form=ExpiryForm, roles=ACCOUNT_ADMINS),
    Dialog(
        "end-api-token", lazy("End the API token"), "key_off", _ask_end, _end, _has_one, roles=ACCOUNT_ADMINS,
        variant="danger",
    ),
)  # fmt: skip
