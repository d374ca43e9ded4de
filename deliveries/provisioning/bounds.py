"""What the values of a provisioning file may be beyond their types; each raises with one sentence."""

from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from deliveries.provisioning.faults import Table, fault
from recipients.models.storable import unstorable

_OF_TABLES: Final = frozenset({"fields", "conditions"})
_MOST_NAME: Final = 200  # characters, as the columns hold


def check(table: Table, where: str) -> None:
    """Check the name and the lists of one table, and that each value is one that can be kept."""
    if len(table.get("name", "")) > _MOST_NAME:
        raise fault(f"{where}: name is longer than {_MOST_NAME} characters")
    for key, value in table.items():
        if isinstance(value, str) and "\0" in value:
            raise fault(f"{where}: {key} holds a NUL character: take it out")
        if isinstance(value, list) and key not in _OF_TABLES and not all(isinstance(each, str) for each in value):
            raise fault(f"{where}: {key} must be a list of str, not {value!r:.60}")
        if reason := unstorable(value):
            raise fault(f"{where}: {key}: {reason}")


def choices_of(model: type[Model], key: str) -> tuple[str, ...]:
    """Return what a field may be; nothing where it may be any text."""
    field: Any = model._meta.get_field(key)  # noqa: SLF001  Django's documented _meta
    return tuple(str(value) for value, _label in field.flatchoices if value)


def check_row(row: Model, values: Table, where: str) -> None:
    """Have the model check what the file says of a row, as the admin's forms do; nothing is saved."""
    for key, value in values.items():
        setattr(row, key, value)
    said = {key for key, value in values.items() if value != ""}  # an empty text is not a value
    others = {field.name for field in row._meta.fields} - said  # noqa: SLF001  the same
    try:
        row.full_clean(exclude=others, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        key, sentences = next(iter(error.message_dict.items()))
        named = "" if key == NON_FIELD_ERRORS else f"{key}: "
        raise fault(f"{where}: {named}{sentences[0]}") from error
