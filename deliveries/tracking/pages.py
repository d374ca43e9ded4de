"""Public pages: no cookie is read or set, no script runs, nothing tells one wrong token from another."""

from collections.abc import Callable
from functools import wraps
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from deliveries import tokens
from deliveries.models import Message
from deliveries.tokens import Purpose

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def guarded(response: HttpResponse, policy: str = PAGE_POLICY) -> HttpResponse:
    """Add the headers that every public page carries."""
    response["Content-Security-Policy"] = policy
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def render_page(request: HttpRequest, template: str, language: str, context: dict[str, object]) -> HttpResponse:
    """Render a public page in the account's language."""
    with translation.override(language if translation.check_for_language(language) else "en"):
        return guarded(render(request, template, {**context, "language": translation.get_language()}))


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Return the one 404 page of every wrong token, in both languages, as no account is known."""
    return guarded(render(request, "public/nothing.html", status=404))


def later(request: HttpRequest) -> HttpResponse:
    """Return the page for while the database is away; a provider comes back with its POST."""
    response = guarded(render(request, "public/later.html", status=503))
    response["Retry-After"] = "60"
    return response


def or_later(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Let a public view that must ask the database answer `later` while there is none."""

    @wraps(view)
    def asked(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            reason = str(error).strip().splitlines()[:1]
            structlog.get_logger(__name__).warning("a public page waits for the database", reason=reason)
            return later(request)

    return asked


def message_of(purpose: Purpose, token: str) -> Message | None:
    """Return the message whose token this is, with its delivery, newsletter and account, or None."""
    message_id = tokens.read(purpose, token)
    if not message_id:
        return None
    return Message.objects.select_related("delivery__newsletter", "delivery__account").filter(pk=message_id).first()


def is_copy(purpose: Purpose, token: str) -> bool:
    """Return whether the token came in a copy that acts on nobody."""
    return tokens.read(purpose, token) == tokens.COPY_ID
