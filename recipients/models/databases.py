from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from recipients.models.accounts import Account


class FieldType(models.TextChoices):
    """The types of reference 3.1."""

    STRING = "string", _("string")
    TEXT = "text", _("text")
    HTML = "html", _("HTML")
    INTEGER = "integer", _("integer")
    DECIMAL = "decimal", _("decimal")
    BOOLEAN = "boolean", _("boolean")
    DATE = "date", _("date")
    DATETIME = "datetime", _("date and time")
    EMAIL = "email", _("e-mail address")
    PHONE = "phone", _("phone")


class Database(models.Model):
    """A user database: the recipients of one structure, in a PostgreSQL table of its own (recipients.tables).

    `key` names a person for the operator: "" is the automatic id, else a field's name. `version` counts
    changes of structure. `column_guesses` are the fields that people chose for columns of lists, by their names in
    lower case, "" for one left out. The lock is a lease: nobody holds it once `locked_until` is past (3.4).
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="databases", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=200)
    key = models.CharField(_("key"), max_length=63, blank=True, default="")
    base_filter = models.ForeignKey(
        "recipients.Filter",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("base filter"),
    )
    read_only = models.BooleanField(_("read-only"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    locked_by = models.CharField(_("locked by"), max_length=200, blank=True, default="", editable=False)
    locked_since = models.DateTimeField(_("locked since"), null=True, editable=False)
    locked_until = models.DateTimeField(null=True, editable=False)
    column_guesses = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), editable=False)
    last_loaded_at = models.DateTimeField(_("last load"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("database")
        verbose_name_plural = _("databases")
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_database_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Field(models.Model):
    """One typed column of a database; its name is compared without case."""

    database = models.ForeignKey(Database, models.CASCADE, related_name="fields", verbose_name=_("database"))
    name = models.CharField(_("name"), max_length=63)
    type = models.CharField(_("type"), max_length=10, choices=FieldType.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint("database", Lower("name"), name="one_field_of_a_name"),
            models.CheckConstraint(condition=models.Q(type__in=FieldType.values), name="known_field_type"),
            models.CheckConstraint(
                condition=models.Q(name__regex=r"^[A-Za-z_][A-Za-z0-9_]*$"), name="plain_field_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
