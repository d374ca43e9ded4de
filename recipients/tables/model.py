"""A database's table as a Django model, for the admin's lists and imports (docs/reference.md 3.1).

Made on demand with a registry of its own: in the global one the second version of a structure would be refused.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.apps.registry import Apps
from django.db import models
from django.db.models.functions import Now

from recipients.models import Database, FieldType
from recipients.tables.columns import SCHEMA, Column, columns


class ClockField(models.DateTimeField[Any, Any]):
    """A date and time without a zone, as a list gives it: Django's own field would move it."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  Django's signature
        """Return the column's type."""
        return "timestamp"

    def get_prep_value(self, value: Any) -> Any:
        """Return the value as it is."""
        return models.Field.get_prep_value(self, value)


class DigitsField(models.DecimalField[Any, Any]):
    """A number of any length that keeps its digits; Django's own field wants a precision."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  Django's signature
        """Return the column's type."""
        return "numeric"


_FIELDS: Final[Mapping[FieldType, Callable[..., models.Field[Any, Any]]]] = {
    FieldType.STRING: models.TextField,
    FieldType.TEXT: models.TextField,
    FieldType.HTML: models.TextField,
    FieldType.INTEGER: models.BigIntegerField,
    FieldType.DECIMAL: DigitsField,
    FieldType.BOOLEAN: models.BooleanField,
    FieldType.DATE: models.DateField,
    FieldType.DATETIME: ClockField,
    FieldType.EMAIL: models.TextField,
    FieldType.PHONE: models.TextField,
}


def model_class(database: Database) -> type[models.Model]:
    """Return the unmanaged model of a database's table: `id`, an attribute a field, `created_at`.

    A field's attribute is that of `attributes`: a field may be called `save` or `a__b`, which Django keeps for
    itself. Its declared name is `verbose_name` and `db_column`.
    """
    return _built(database.pk, columns(database))


def attributes(named: Sequence[Column]) -> dict[str, str]:
    """Return the model's attribute of each of a database's columns, by lower-case name."""
    return {column.key: f"field_{place}" for place, column in enumerate(named)}


@lru_cache(maxsize=64)
def _built(database_id: int, named: tuple[Column, ...]) -> type[models.Model]:
    meta = {
        "app_label": "recipients",
        "apps": Apps(),
        "managed": False,
        "db_table": f'"{SCHEMA}"."db_{database_id}"',  # Django leaves a name that is quoted already
    }
    body: dict[str, Any] = {"id": models.BigAutoField(primary_key=True)}
    for column, attribute in zip(named, attributes(named).values(), strict=True):
        body[attribute] = _FIELDS[column.type](
            verbose_name=column.name, db_column=column.name, null=True, blank=True
        )
    body |= {
        "created_at": models.DateTimeField(db_default=Now(), editable=False),
        "Meta": type("Meta", (), meta),
        "__module__": __name__,
    }
    return type(f"Person{database_id}", (models.Model,), body)
