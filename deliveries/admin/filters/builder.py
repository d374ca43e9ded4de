"""The builder of conditions: a form field, and the two addresses that it asks while somebody writes."""

import json
from typing import Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliveries import audience
from deliveries.admin.filters.in_words import in_words
from deliveries.admin.filters.vocabulary import vocabulary
from recipients import tables
from recipients.admin.access import READERS, accounts_of, may_see_people
from recipients.admin.badges import grouped
from recipients.errors import ClientError
from recipients.ids import id_in
from recipients.models import Database

_MOST_BYTES: Final = 200_000  # of a question; the conditions that a filter may have are a fraction of it


class ConditionsWidget(forms.Textarea):
    """Holds the conditions as JSON out of sight; the script of the page shows them as sentences.

    `database` and `match` are the names of the fields beside it that say where the fields come from and how the
    outermost conditions join.
    """

    template_name = "campaign/conditions.html"

    class Media:
        js = ("deliveries/filter_builder.js",)

    def __init__(self, database: str = "database", match: str = "match", attrs: Any = None) -> None:
        super().__init__(attrs)
        self.database, self.match = database, match
        self.fixed: Database | None = None
        self.own: int | None = None

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:  # noqa: ARG002  Django's signature
        """Return the field by a template of the project: a form's own engine knows only those of applications."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add where the script asks, and which fields are beside it."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["builder"] = {
            "words": reverse("admin:recipients_filter_words"),
            "count": reverse("admin:recipients_filter_count"),
            "database": str(self.fixed.pk) if self.fixed else "",  # a template writes numbers with separators
            "database_field": self.database,
            "match_field": self.match,
            "own": str(self.own or ""),
        }
        return context


class BuilderPages:
    """Answers the builder: what may be written, and how many people that is."""

    def __init__(self, filters: Any) -> None:
        self.filters = filters

    def urls(self) -> list[URLPattern]:
        wrap = self.filters.admin_site.admin_view
        return [
            path("words/", wrap(self.words), name="recipients_filter_words"),
            path("count/", wrap(self.count), name="recipients_filter_count"),
        ]

    def words(self, request: HttpRequest) -> JsonResponse:
        """Return fields, operators and choices of a database that the user may read."""
        database = _database(request, request.GET.get("database", ""))
        return JsonResponse(vocabulary(database, own=id_in(request.GET.get("own", ""))))

    def count(self, request: HttpRequest) -> JsonResponse:
        """Return the sentence and how many rows it picks, or what is wrong with which condition.

        Only to who may see people: a number answers whether somebody is there whose address begins with an a.
        """
        if request.method != "POST" or len(request.body) > _MOST_BYTES:
            raise Http404
        database = _database(request, request.POST.get("database", ""))
        if not may_see_people(request, database.account_id):
            raise PermissionDenied
        match = request.POST.get("match", "all")
        try:
            conditions = json.loads(request.POST.get("conditions", "[]"))
            unfinished = not conditions or _is_unfinished(conditions)
        except (ValueError, RecursionError):  # the latter by thousands of brackets
            return JsonResponse({"problem": _("The conditions can't be read: write them anew.")})
        if unfinished:
            return JsonResponse({"sentence": "", "people": _("Write a condition to see whom it picks.")})
        try:
            counted, first = audience.count_conditions(database, match, conditions)
        except ClientError as error:
            return JsonResponse({"problem": error.message})
        people = ngettext("%(n)s row", "%(n)s rows", counted) % {"n": grouped(counted)}
        answer = {"sentence": in_words(database, match, conditions), "people": people}
        if first is not None:
            answer["example"] = _("for example %(address)s") % {"address": _address(database, first)}
        return JsonResponse(answer)


def _is_unfinished(conditions: object) -> bool:
    """Return whether a value is still to be written: nobody has done anything wrong yet."""
    return isinstance(conditions, list) and any(
        isinstance(each, dict) and (each.get("value") in ("", []) or _is_unfinished(each.get("conditions")))
        for each in conditions
    )


def _database(request: HttpRequest, number: str) -> Database:
    """Return a database of the user's accounts; raises Http404 for any other."""
    mine = Database.objects.filter(account__in=accounts_of(request, READERS))
    found = mine.filter(pk=id_in(number) or 0).first()
    if found is None:
        raise Http404
    return found


def _address(database: Database, person: int) -> str:
    values = tables.read_values(database, [person])
    return str(values.get(person, {}).get(tables.address_column(database).lower()) or "")
