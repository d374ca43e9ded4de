"""Liveness and readiness, for load balancers and monitoring (reference, Public addresses)."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from deliveries.health.metrics import exposition
from deliveries.health.parts import check_parts

_SPOKEN_FOR: Final = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via")


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that this process is alive, nothing more."""
    return JsonResponse({"alive": True})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every part answers, else 503 with the names of those that don't and what to do."""
    if not _may_ask(request):
        raise Http404
    parts = check_parts()
    ready = all(part.ok for part in parts)
    body = {
        "ready": ready,
        "failing": [part.name for part in parts if not part.ok],
        "parts": {part.name: {"ok": part.ok, "message": part.word} for part in parts},
    }
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer what Prometheus asks for, to those who may read /readyz."""
    if not _may_ask(request):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_ask(request: HttpRequest) -> bool:
    """Allow whoever brings the token; this machine too, where the public address is plain http.

    With https there is a proxy on this machine, and not every proxy says for whom it asks.
    """
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    if urlsplit(settings.PUBLIC_URL).scheme == "https" or any(name in request.headers for name in _SPOKEN_FOR):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
