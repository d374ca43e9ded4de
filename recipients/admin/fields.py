"""Form fields that several pages share."""

import json
from typing import Any

from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.forms import CharField, JSONField
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise
from unfold.widgets import UnfoldAdminTextareaWidget

from recipients.ids import id_in
from recipients.models.storable import DEEPEST, unstorable


class StorableJsonField(JSONField):
    """JSON that the column can hold and the page can show again; Django's ends in an error page with the rest."""

    def to_python(self, value: Any) -> Any:
        """Return the value; a number without an end of digits, or brackets without one, are refused too."""
        try:
            found = super().to_python(value)
        except RecursionError as error:
            sentence = _("It is nested too deeply: %(most)d levels are the most.") % {"most": DEEPEST}
            raise ValidationError(sentence, code="invalid") from error
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if reason := unstorable(found):
            raise ValidationError(reason, code="invalid")
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show what was refused as it was typed."""
        try:
            found = super().bound_data(data, initial)
        except (RecursionError, ValueError):
            return InvalidJSONInput(data)
        return InvalidJSONInput(data) if unstorable(found) else found


class NumberedLinesField(StorableJsonField):
    """An object of names and numbers, written as lines `name = number`; JSON is taken too."""

    widget = UnfoldAdminTextareaWidget

    def to_python(self, value: Any) -> Any:
        """Return the object; what is not a whole number after = stays a text, for whoever checks it."""
        if not isinstance(value, str) or value.lstrip().startswith(("{", "[")) or value.strip() in {"", "null"}:
            return super().to_python(value)
        found = {}
        for line in filter(None, map(str.strip, value.splitlines())):
            name, equals, number = (part.strip() for part in line.rpartition("="))
            if not equals or not name:
                raise ValidationError(_("Write each line as name = number."), code="invalid")
            whole = id_in(number)
            found[name] = number if whole is None else whole
        return super().to_python(json.dumps(found))

    def prepare_value(self, value: Any) -> Any:
        """Return the lines of what is kept, or what was typed."""
        if not isinstance(value, dict):
            return super().prepare_value(value) if value is not None else ""
        return "\n".join(f"{name} = {number}" for name, number in value.items())


def lines_field(label: StrOrPromise, help_text: StrOrPromise = "", *, rows: int = 3) -> SimpleArrayField:
    """Return a field for a list of texts, a line each."""
    return SimpleArrayField(
        CharField(),
        delimiter="\n",
        label=label,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": rows}),
    )
