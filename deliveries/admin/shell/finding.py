"""Ctrl+K: deliveries by id, title or label, runs by file, people by address, beside the pages of the menu."""

import functools
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.contrib import admin
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from deliveries.admin.deliveries.search import search
from deliveries.admin.people.person_pages import address_of
from deliveries.models import Delivery, ProcessingRun
from recipients import tables
from recipients.admin.access import may_see_people
from recipients.ids import id_in
from recipients.models import Database

_EACH: Final = 5  # of a kind, so that every kind shows in the box of Ctrl+K
_SHORTEST: Final = 2  # characters: one letter finds everything
_DATABASES: Final = 20  # an account with more of them looks people up in each


def results_for(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return what the user's accounts hold that is called so, a few of each kind."""
    asked = term.strip()
    if (len(asked) < _SHORTEST and not asked.isdecimal()) or "\0" in asked:
        return []
    return [*_deliveries(request, asked), *_runs(request, asked), *_people(request, asked)]


def of_pages_that_are_there(
    search: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return Unfold's answer to Ctrl+K, in words where nothing is found, and a 404 for a page that it has not."""

    @functools.wraps(search)
    def found_on(request: HttpRequest) -> HttpResponse:
        try:
            answer = search(request)
        except (InvalidPage, ValueError) as error:
            raise Http404 from error
        if isinstance(answer, TemplateResponse) and "extended" in request.GET and _nothing(answer):
            answer.template_name = "campaign/nothing_found.html"
        return answer

    return found_on


def _nothing(answer: TemplateResponse) -> bool:
    return not (answer.context_data or {}).get("results")


def _scoped(request: HttpRequest, model: Any) -> Any:
    page = admin.site.get_model_admin(model)
    rows = page.get_queryset(request)
    return rows if page.has_view_permission(request) else rows.none()


def _deliveries(request: HttpRequest, asked: str) -> Iterator[SearchResult]:
    rows = _scoped(request, Delivery)
    exact = list(rows.filter(pk=id_in(asked)))
    named = search(rows, asked).exclude(pk__in=[row.pk for row in exact]).order_by("-id")[:_EACH]
    for row in [*exact, *named]:
        yield SearchResult(
            title=row.title,
            description=_("Delivery %(id)s, %(state)s") % {"id": row.pk, "state": row.get_status_display()},
            link=reverse("admin:deliveries_delivery_change", args=[row.pk]),
            icon="send",
        )


def _runs(request: HttpRequest, asked: str) -> Iterator[SearchResult]:
    for run in _scoped(request, ProcessingRun).filter(file__icontains=asked).order_by("-id")[:_EACH]:
        yield SearchResult(
            title=run.file,
            description=_("Run %(id)s, %(state)s") % {"id": run.pk, "state": run.get_status_display()},
            link=reverse("admin:deliveries_processingrun_change", args=[run.pk]),
            icon="deployed_code_history",
        )


def _people(request: HttpRequest, asked: str) -> Iterator[SearchResult]:
    """Yield people whose address begins so: one line an address and account, for those who may see people."""
    if asked.isdecimal():
        return
    every = _scoped(request, Database).select_related("account").order_by("pk")[:_DATABASES]
    databases = [database for database in every if may_see_people(request, database.account_id)]
    names = {database.account_id: database.account.name for database in databases}
    for account, address in tables.addresses_beginning(databases, asked, _EACH):
        yield SearchResult(
            title=address, description=names[account], link=address_of(account, address), icon="person"
        )
