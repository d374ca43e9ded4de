"""Rows and the accounts that they lie in; a form joins no two accounts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.utils.translation import gettext as _

from recipients.models import Account


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
