"""A client's HTML for a frame of ours: on an address of its own, under a policy that runs nothing."""

from django.http import HttpResponse


def framed(html: str, policy: str) -> HttpResponse:
    """Return the HTML under `policy`; only our own pages may frame it."""
    response = HttpResponse(html, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = policy
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
