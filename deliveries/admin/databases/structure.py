"""Databases with what deliveries add to them: people and what was sent to them, imports, changes of structure."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries import audience
from deliveries.admin.databases.importing import ImportPages
from deliveries.admin.databases.people import PeoplePages
from deliveries.admin.databases.uploads import UploadsPage
from deliveries.admin.people.person_pages import PersonPages
from recipients import audit, tables
from recipients.admin.access import may_see_people
from recipients.admin.databases import NOBODY, AddFieldForm, DatabaseList, DatabasePages, add_field, ask_field
from recipients.admin.dialogs import Dialog, Question
from recipients.models import Database, User


class FieldForm(forms.Form):
    """One field, by its name."""

    name = forms.CharField(label=lazy("Field"), max_length=63)


class RenameForm(FieldForm):
    """A field and its new name."""

    new = forms.RegexField(r"^[A-Za-z_][A-Za-z0-9_]*$", label=lazy("New name"), max_length=63)


def _add(row: Database, user: User, data: dict[str, Any]) -> str:
    return add_field(row, user, data, refuse=audience.refuse_while_sending)


def _ask_rename(row: Database) -> Question:
    return Question(
        _("Rename a field of «%(name)s»?") % {"name": row.name},
        [_("Filters, messages and lists that use the old name no longer find it.")],
    )


def _rename(row: Database, user: User, data: dict[str, Any]) -> str:
    with transaction.atomic():
        tables.rename_field(row, data["name"], data["new"], refuse=audience.refuse_while_sending)
        audit.record(row.account_id, user, audit.Verb.FIELD_RENAMED, row, field=data["name"], new=data["new"])
    return _("«%(field)s» is now called «%(new)s».") % {"field": data["name"], "new": data["new"]}


def _ask_remove(row: Database) -> Question:
    return Question(
        _("Remove a field of «%(name)s»?") % {"name": row.name},
        [_("Its values are lost in all rows.")],
        warning=_("This cannot be undone."),
    )


def _remove(row: Database, user: User, data: dict[str, Any]) -> str:
    with transaction.atomic():
        tables.drop_field(row, data["name"], refuse=audience.refuse_while_sending)
        audit.record(row.account_id, user, audit.Verb.FIELD_REMOVED, row, field=data["name"])
    return _("«%(field)s» is removed.") % {"field": data["name"]}


class Databases(DatabaseList):
    """Knows of the rows of one page which a delivery keeps as they are."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        busy = audience.going_out(self.result_list)
        for row in self.result_list:
            row.going_out = busy.get(row.pk)


@admin.register(Database)
class DatabaseAdmin(DatabasePages):
    """The user databases of an account."""

    change_form_outer_before_template = "campaign/database_acts.html"
    dialogs = (
        Dialog("add-field", lazy("Add a field"), "add", ask_field, _add, form=AddFieldForm),
        Dialog("rename-field", lazy("Rename a field"), "edit", _ask_rename, _rename, form=RenameForm),
        Dialog(
            "remove-field", lazy("Remove a field"), "delete", _ask_remove, _remove, form=FieldForm, variant="danger"
        ),
    )

    @admin.display(description=lazy("locked by"))
    def locked(self, row: Database) -> str:
        """Return who holds it, else the delivery that keeps its structure and its people."""
        held = super().locked(row)
        if held != NOBODY:
            return held
        delivery = row.going_out if hasattr(row, "going_out") else audience.going_out([row]).get(row.pk)
        return _("delivery %(id)s, until it has ended") % {"id": delivery} if delivery else NOBODY

    def get_changelist(self, _request: HttpRequest, **_kwargs: Any) -> type[DatabaseList]:
        return Databases

    def get_urls(self) -> list[URLPattern]:
        return (
            UploadsPage(self).urls()
            + PersonPages(self).urls()
            + PeoplePages(self).urls()
            + ImportPages(self).urls()
            + list(super().get_urls())
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Offer the people to those who may see them."""
        row = self.row_or_404(request, object_id)
        extra = {**(extra_context or {}), "may_see_people": may_see_people(request, row.account_id)}
        return super().change_view(request, object_id, form_url, extra)
