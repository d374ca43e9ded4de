"""A large export becomes a task; its page leads to where the file will be."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from deliveries.downloads import making
from deliveries.models.downloads import DownloadKind


def ask_for(
    request: HttpRequest, kind: DownloadKind, name: str, *, account: int, about: str, params: Mapping[str, Any]
) -> HttpResponse:
    """Queue the export and show the downloads, where it will be listed."""
    making.ask(kind, name, account=account, about=about, actor=request.user, params=params)  # type: ignore[arg-type]  # signed in
    said = _("“%(name)s” is large: it is being made, and a mail tells you when it is here.")
    messages.success(request, said % {"name": name})
    return HttpResponseRedirect(reverse("admin:deliveries_download_changelist"))
