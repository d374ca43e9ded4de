"""What a form changed, from what to what, as the account's history keeps it."""

import re
from typing import Any, Final

from django import forms
from django.db.models import Model, QuerySet

HIDDEN: Final = "…"
_LONGEST: Final = 200
# A private key is pasted into an area of text, which hides nothing.
_SECRET: Final = re.compile("password|private|secret|token")


def changes_of(form: forms.BaseForm) -> dict[str, list[str]]:
    """Return name: [before, after] for each field that was changed; of a secret only that it was."""
    found: dict[str, list[str]] = {}
    for name in form.changed_data:
        field = form.fields[name]
        if isinstance(field.widget, forms.PasswordInput) or _SECRET.search(name):
            found[name] = [HIDDEN, HIDDEN]
        else:
            before = form.get_initial_for_field(field, name)
            found[name] = [_written(_choice_in_words(field, before)), _written(form.cleaned_data.get(name))]
    return found


def _choice_in_words(field: forms.Field, value: Any) -> Any:
    """Return the row that an id of a choice means: a name is read, a number is not."""
    if isinstance(field, forms.ModelChoiceField) and value and not isinstance(value, Model):
        return field.queryset.filter(pk=value).first() if field.queryset is not None else value
    return value


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple, QuerySet)):
        return ", ".join(map(str, value))[:_LONGEST]
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}{HIDDEN}"
