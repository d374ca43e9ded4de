"""The history: who did what, when; append-only, searchable by those who configure an account (reference 9)."""

from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from deliveries.admin.shell.masking import HIDDEN, masked
from deliveries.audit import Verb, label_of
from deliveries.models import Activity
from recipients.admin.access import ACCOUNT_ADMINS, AccountScopedAdmin
from recipients.admin.badges import grouped
from recipients.audit import Verb as ListVerb
from recipients.faults import say
from recipients.ids import id_in
from recipients.models import Role

# What a line says beside its verb and the thing; verbs that need no more have none. The first whose values are all
# there is taken.
_DETAILS: Final = {
    Verb.STARTED: (
        lazy("Recipients: %(size)s. It was due at %(due)s and started late."),
        lazy("Recipients: %(size)s."),
    ),
    Verb.CREATED: (lazy("copy of %(from)s"),),
    Verb.TEST_SENT: (lazy("to %(to)s"),),
    Verb.DOUBT_SENT: (lazy("%(n)s in doubt marked as sent"),),
    Verb.DOUBT_RESENT: (lazy("%(n)s in doubt sent again"),),
    ListVerb.FIELD_RENAMED: ("%(field)s → %(new)s",),
    ListVerb.PEOPLE_IMPORTED: ("%(file)s, %(mode)s, +%(inserted)s ~%(updated)s -%(deleted)s",),
}

_ID: Final = "from"  # the delivery that one is a copy of: a name, no number to be grouped
_REFERRED: Final = {"delivery": "delivery", "processingrun": "run", "sftpspace": "space"}


def details_of(row: Activity, *, people: bool) -> str:
    """Return the values that go with the verb, in words; `people`: the reader may see personal data."""
    if isinstance(changes := row.params.get("changes"), dict):
        return "; ".join(
            f"{_label(row.target_type, name)}: {before or '∅'} → {after or '∅'}"
            for name, (before, after) in changes.items()
        )
    params = {key: _value_shown(value, people=people) for key, value in row.params.items()}
    if row.params.get("role") in Role.values:
        params["role"] = str(Role(row.params["role"]).label)
    counted = {key: grouped(value) for key, value in row.params.items() if isinstance(value, int) and key != _ID}
    for sentence in _DETAILS.get(row.verb, ()):  # type: ignore[call-overload]  # choices are strings
        try:
            return str(sentence % (params | counted))
        except KeyError:
            continue  # a line of an older release, or one without this value
    return ", ".join(value for value in params.values() if value)


def _value_shown(value: Any, *, people: bool) -> str:
    if isinstance(value, dict) and "key" in value:
        return say(value, people=people)
    words = _value_in_words(value)
    return words if people else masked(words)


def _value_in_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    try:
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "SHORT_DATETIME_FORMAT")
    except (TypeError, ValueError):
        return str(value)


def thing_of(row: Activity, *, people: bool) -> str:
    """Return what it is, the name that it had then, and its number."""
    name = row.target[:60] if people or row.target_type != "blacklistentry" else HIDDEN
    number = f"({row.target_id})" if row.target_id and f"({row.target_id})" not in name else ""
    return " ".join(part for part in (_kind(row.target_type), name, number) if part)


def _kind(target_type: str) -> str:
    known = _model(target_type)
    return str(known._meta.verbose_name) if known else ""  # noqa: SLF001  Django's documented name


def _label(target_type: str, name: str) -> str:
    """Return how the pages call a field, in the reader's language; a form's own field keeps its name."""
    known = _model(target_type)
    fields = {field.name: field for field in known._meta.get_fields()} if known else {}  # noqa: SLF001  the same
    return str(getattr(fields.get(name), "verbose_name", name))


def _model(target_type: str) -> type[Model] | None:
    found = [apps.all_models[app].get(target_type) for app in ("deliveries", "recipients")]
    return next((each for each in found if each), None)


class ThingFilter(admin.SimpleListFilter):
    """The lines of one row, as the History button of its page asks for them."""

    title = lazy("on what")
    parameter_name = "thing"

    def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, str]]:
        """Offer the one that was asked for: the button chooses, not the reader."""
        return [(value, value)] if (value := self.value()) else []

    def has_output(self) -> bool:
        """Show in the list only where one is chosen."""
        return self.value() is not None

    def queryset(self, _request: HttpRequest, rows: QuerySet[Activity]) -> QuerySet[Activity]:
        """Narrow to "kind-id"; nothing for what is not such a pair."""
        if (value := self.value()) is None:
            return rows
        kind, _dash, written = value.partition("-")
        number = id_in(written)
        if number is None:
            return rows.none()
        about = Q(target_type=kind, target_id=number)
        if kind in _REFERRED:
            about |= Q(**{f"{_REFERRED[kind]}_id": number})
        return rows.filter(about)


@admin.register(Activity)
class ActivityAdmin(AccountScopedAdmin):
    """The audit log of an account: read by those who configure it, written by nobody here."""

    nothing = lazy("Nothing was done yet: what people do with deliveries, spaces, keys and lists is kept here.")
    readers = ACCOUNT_ADMINS
    list_display = ("at", "who", "what", "thing", "details", "whose")
    list_display_links = None
    list_filter = (("at", admin.DateFieldListFilter), ThingFilter)
    list_select_related = ("actor", "account")
    search_fields = ("verb", "target", "params", "actor__username")
    ordering = ("-id",)

    @admin.display(description=lazy("who"))
    def who(self, row: Activity) -> str:
        """Return the person, or the product itself."""
        return row.actor.called if row.actor else _("the product")

    @admin.display(description=lazy("what"), ordering="verb")
    def what(self, row: Activity) -> str:
        return label_of(row.verb)

    @admin.display(description=lazy("on what"))
    def thing(self, row: Activity) -> str:
        """Return the delivery, space, list or person's membership that it was done with."""
        return thing_of(row, people=True)

    @admin.display(description=lazy("detail"))
    def details(self, row: Activity) -> str:
        return details_of(row, people=True)

    @admin.display(description=lazy("account"), ordering="account")
    def whose(self, row: Activity) -> str:
        """Return the account's name; a log-in has none."""
        return row.account.name if row.account else "—"

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Let nobody rewrite what happened."""
        return False
