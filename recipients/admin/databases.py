"""Databases and their fields: made and altered by recipients.tables, never by hand-written SQL."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from recipients import audit, conf, tables
from recipients.admin.access import OPERATORS, OneAccountForm
from recipients.admin.badges import grouped
from recipients.admin.dialogs import DialogsMixin, Question
from recipients.admin.refusals import holder_in_words
from recipients.errors import ClientError
from recipients.models import Database, Field, FieldType, User

NOBODY: Final = "—"


class DatabaseForm(OneAccountForm):
    """A new database is written with its fields, a line each; the table is made with it."""

    sentences = {
        "one_database_of_a_name": ("name", lazy("There is a database of this name already: choose another."))
    }

    structure = forms.CharField(
        label=lazy("fields"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
        initial="email email",
    )
    with_code = forms.BooleanField(
        label=lazy("for XML Delivery"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=lazy("Adds the field XML_DELIVERY_CODE, without which no bundle can be loaded."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "structure" in self.fields:
            words = _("A field a line: its name, a blank, its type (%(types)s).")
            self.fields["structure"].help_text = words % {"types": ", ".join(FieldType.values)}
        if "key" in self.fields and self.instance.pk:
            names = [(field.name, field.name) for field in self.instance.fields.all()]
            self.fields["key"].widget = UnfoldAdminSelectWidget(choices=[("", _("automatic id")), *names])
        if "base_filter" in self.fields:
            # Another database's filter would stop every delivery; those of loads pick one load's rows.
            own: Any = self.fields["base_filter"]
            own.queryset = own.queryset.filter(database=self.instance.pk, automatic=False)

    def clean(self) -> dict[str, Any]:
        """Add the code's field where it is ticked, and check the key by the fields that there will be."""
        cleaned = super().clean()
        if self.instance.pk:
            names = [field.name for field in self.instance.fields.all()]
        else:
            fields = cleaned.setdefault("structure", [])
            if cleaned.get("with_code") and (conf.CODE_FIELD, FieldType.STRING) not in fields:
                fields.append((conf.CODE_FIELD, FieldType.STRING))
            names = [name for name, _kind in fields]
        if cleaned.get("key"):
            cleaned["key"] = self._declared(cleaned["key"], names)
        return cleaned

    def _declared(self, key: str, names: list[str]) -> str:
        """Return a field's name as it is declared."""
        found = [name for name in names if name.lower() == key.lower()]
        if not found:
            self.add_error("key", ValidationError(_("There is no field of that name."), code="FIELD_UNKNOWN"))
        return found[0] if found else ""

    def clean_structure(self) -> list[tuple[str, FieldType]]:
        """Return name and type of each line; says which line is wrong."""
        found = []
        for number, line in enumerate(self.cleaned_data.get("structure", "").splitlines(), 1):
            words = line.split()
            if not words:
                continue
            if len(words) != 2 or words[1] not in FieldType.values:  # noqa: PLR2004  a name and a type
                raise ValidationError(
                    _("Line %(n)s: “%(line)s” is not a name and a type.") % {"n": number, "line": line[:80]}
                )
            found.append((words[0], FieldType(words[1])))
        return found

    def _post_clean(self) -> None:
        """Make the table in the change page's transaction, so that a refusal is shown beside the fields."""
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, which its stubs leave out
        if self.errors or self.instance.pk:
            return
        try:
            with transaction.atomic():
                self.instance.save()
                make_table(self.instance, self.cleaned_data["structure"])
        except ClientError as error:
            self.instance.pk = None
            self.add_error("structure", error.message)


def make_table(database: Database, fields: list[tuple[str, FieldType]]) -> None:
    """Store the fields and make the table; raises ClientError for names that make none."""
    tables.check_names([], fields)
    Field.objects.bulk_create(
        Field(database=database, name=name, type=kind, position=place) for place, (name, kind) in enumerate(fields)
    )
    tables.create(database)


class AddFieldForm(forms.Form):
    """One field more."""

    name = forms.RegexField(r"^[A-Za-z_][A-Za-z0-9_]*$", label=lazy("name"), max_length=63)
    type = forms.ChoiceField(
        label=lazy("type"), choices=[choice for choice in FieldType.choices if choice[0] != FieldType.EMAIL]
    )


def ask_field(row: Database) -> Question:
    """Ask whether to add a field."""
    return Question(
        _("Add a field to «%(name)s»?") % {"name": row.name},
        [_("It is empty in the rows there are. A field cannot change its type later.")],
    )


def add_field(row: Database, user: User, data: dict[str, Any], *, refuse: Callable[[Database], None]) -> str:
    """Add it; `refuse` raises when deliveries keep the structure."""
    with transaction.atomic():
        tables.add_fields(row, [(data["name"], FieldType(data["type"]))], refuse=refuse)
        audit.record(row.account_id, user, audit.Verb.FIELD_ADDED, row, field=data["name"], type=str(data["type"]))
    return _("«%(field)s» is added.") % {"field": data["name"]}


class DatabaseList(ChangeList):  # type: ignore[misc]  # Unfold ships no types
    """Reads for the rows of one page how many people each holds."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        sizes = tables.sizes(self.result_list)
        for row in self.result_list:
            row.size = sizes[row.pk]


class DatabasePages(DialogsMixin):
    """The user databases of an account; registered above, where imports and messages are known."""

    adders = OPERATORS
    changers = OPERATORS
    form = DatabaseForm
    list_display = ("name", "account", "people", "shown_key", "read_only", "locked", "last_loaded_at", "created_at")
    nothing = lazy(
        "No database yet: it holds the people to write to, and bundles bring them. Add one with its fields."
    )
    list_filter = ("read_only",)
    list_select_related = ("account",)
    search_fields = ("name",)
    ordering = ("name",)

    @admin.display(description=lazy("locked by"))
    def locked(self, row: Database) -> str:
        """Return who holds it now and since when; a lease that is past holds nothing."""
        if row.locked_until is None or row.locked_until <= timezone.now():
            return NOBODY
        since = (
            date_format(timezone.localtime(row.locked_since), "SHORT_DATETIME_FORMAT") if row.locked_since else ""
        )
        return _("%(holder)s, since %(since)s") % {"holder": holder_in_words(row.locked_by), "since": since}

    @admin.display(description=lazy("key"), ordering="key")
    def shown_key(self, row: Database) -> Any:
        """Return the field that names a person, or the automatic id."""
        return row.key or _("automatic id")

    @admin.display(description=lazy("people"))
    def people(self, row: Database) -> str:
        """Return how many rows it holds: exact counts of large tables would take seconds."""
        size: tables.Size = row.size  # type: ignore[attr-defined]  # DatabaseList
        return grouped(size.number) if size.is_exact else _("about %(n)s") % {"n": grouped(size.number)}

    @admin.display(description=lazy("fields"))
    def columns(self, row: Database) -> Any:
        lines = ((field.name, field.get_type_display()) for field in row.fields.all())
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} · {}</li>", lines))

    def get_fields(self, _request: HttpRequest, obj: Database | None = None) -> tuple[str, ...]:
        """Return the structure to write, or the one that there is."""
        if obj is None:
            return ("account", "name", "key", "read_only", "structure", "with_code")
        facts = ("locked", "last_loaded_at")
        return ("account", "name", "key", "base_filter", "read_only", "columns", *facts)

    def get_readonly_fields(self, _request: HttpRequest, obj: Database | None = None) -> tuple[str, ...]:
        """Keep facts that services write, and the account."""
        return ("account", "columns", "locked", "last_loaded_at") if obj else ()
