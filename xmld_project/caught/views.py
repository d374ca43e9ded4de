"""The pages: a list, one mail, its HTML in a sandbox, its attachments, its source. For platform administrators."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from deliveries import conf
from deliveries.admin.shell.sandbox import framed
from deliveries.models import Delivery
from recipients.admin.access import is_platform
from xmld_project.caught import folder
from xmld_project.caught.headers import first_of
from xmld_project.caught.reading import Mail, read

SHOWN_TEXT: Final = 200_000
_MATTER: Final = ("Date", "From", "To", "Reply-To", "Subject", "Message-ID", "List-Unsubscribe")

Page = Callable[..., HttpResponseBase]


def platform_only(view: Page) -> Page:
    """Let platform administrators in: the catcher holds every account's mail. Others see that nothing is there."""

    def page(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        if not is_platform(request):
            raise Http404
        return view(request, **arguments)

    return admin.site.admin_view(page)


def listed(request: HttpRequest) -> HttpResponse:
    """Show the newest 50, or those before a name, or those that an address or a subject picks."""
    asked, before = request.GET.get("q", "").strip()[:320], request.GET.get("before", "")
    lines, more = folder.page(asked, before)
    titles = _titles([line.delivery for line in lines if line.delivery is not None])
    facts = {
        "title": _("Caught mail"),
        "lines": [(line, titles.get(line.delivery or 0)) for line in lines],
        "asked": asked,
        "before": before,
        "more": lines[-1].name if more else "",
        "searched": folder.SEARCHED,
    }
    return _page(request, "campaign/caught.html", facts)


def one(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail."""
    mail = _mail(name)
    delivery = folder.delivery_of(mail.headers)
    text = mail.text or ""
    facts = {
        "title": first_of(mail.headers, "Subject")[:200] or _("(no subject)"),
        "name": name,
        "at": folder.moment(name),
        "mail": mail,
        "envelope": (first_of(mail.headers, "Return-Path").strip("<>"), first_of(mail.headers, "X-Original-To")),
        "matter": [(field, first_of(mail.headers, field)) for field in _MATTER if first_of(mail.headers, field)],
        "delivery": delivery,
        "delivery_title": _titles([delivery] if delivery is not None else []).get(delivery or 0),
        "text": text[:SHOWN_TEXT],
        "cut": len(text) > SHOWN_TEXT,
    }
    return _page(request, "campaign/caught_mail.html", facts)


def html(_request: HttpRequest, name: str) -> HttpResponse:
    """Return the HTML part alone, under a policy that runs nothing and has no cookies."""
    found = _mail(name).html
    if found is None:
        raise Http404
    return framed(found, conf.clients_html_policy())


def attachment(_request: HttpRequest, name: str, number: str) -> FileResponse:
    """Return the attachment of that place, from 1, as a download."""
    found = dict(enumerate(_mail(name).attachments, 1)).get(int(number))
    if found is None:
        raise Http404
    return _download(io.BytesIO(found.content), found.name)


def source(_request: HttpRequest, name: str) -> FileResponse:
    """Return the file as the catcher keeps it."""
    return _download(_file(name).open("rb"), name)


def _download(content: Any, name: str) -> FileResponse:
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _file(name: str) -> Path:
    path = folder.file_of(name)
    if path is None:
        raise Http404
    return path


def _mail(name: str) -> Mail:
    try:
        return read(_file(name).read_bytes())
    except FileNotFoundError as error:  # the catcher took it away meanwhile
        raise Http404 from error


def _titles(ids: list[int]) -> dict[int, str]:
    return dict(Delivery.objects.filter(pk__in=ids).values_list("pk", "title"))


def _page(request: HttpRequest, template: str, facts: dict[str, Any]) -> HttpResponse:
    where = {"content_title": _("Caught mail")}
    return TemplateResponse(request, template, {**admin.site.each_context(request), **where, **facts})
