"""Rows and the accounts that they lie in; a form joins no two accounts."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, UniqueConstraint
from django.forms import ModelForm
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from recipients.models import Account

# What a page leaves as it is, and a constraint checks a name by; Django skips constraints of fields left out.
_KEPT: Final = ("account", "database", "automatic", "embedded")


class OneAccountForm(ModelForm):  # type: ignore[type-arg]  # subscripting needs the model that each admin gives
    """Refuses rows that point into two accounts at once, whoever wrote them, and says what a constraint refuses.

    `sentences` gives for a constraint's name the field that mends it and what to do.
    """

    sentences: ClassVar[Mapping[str, tuple[str, StrOrPromise]]] = {}

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

    def take(self, kept: Mapping[str, Any], faults: Mapping[str, str]) -> None:
        """Take over what a service checked: the values it keeps, and a sentence beside each field it refuses."""
        self.cleaned_data |= kept
        for name, sentence in faults.items():
            self.add_error(name if name in self.fields else None, sentence)

    def _get_validation_exclusions(self) -> set[str]:
        kept = {
            name for name in _KEPT if name not in self.fields and getattr(self.instance, name, None) is not None
        }
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # a hook that the stubs leave out
        return excluded - kept

    def _update_errors(self, errors: ValidationError) -> None:
        """Say beside its field what a broken constraint means: Django says its name, or that of all its fields."""
        by_field = getattr(errors, "error_dict", {})
        for error in by_field.pop(NON_FIELD_ERRORS, []):
            field, sentence = self.sentences.get(self._broken(error), (None, error))
            self.add_error(field if field in self.fields else None, sentence)
        super()._update_errors(errors)  # type: ignore[misc]  # the same

    def _broken(self, error: ValidationError) -> str:
        """Return the name of the constraint that an error tells of: by its fields, or by Django's sentence."""
        fields = (error.params or {}).get("unique_check")
        for constraint in self.instance._meta.constraints:  # noqa: SLF001  Django's documented _meta
            of_fields = isinstance(constraint, UniqueConstraint) and constraint.fields == fields
            if of_fields or error.message == constraint.get_violation_error_message():
                return str(constraint.name)
        return ""


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
