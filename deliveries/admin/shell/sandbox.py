"""A client's HTML for a frame of ours: on an address of its own, under a policy that runs nothing."""

from typing import Final

from django.http import HttpResponse

# A link that is clicked leads to a window of its own: in the frame our policy, or the page's own, shows nothing.
# At the end, as what comes before a doctype changes how a page looks; an earlier one of the mail's counts instead.
_LINKS_LEAD_OUT: Final = '<base target="_blank">'


def framed(html: str, policy: str) -> HttpResponse:
    """Return the HTML under `policy`; only our own pages may frame it."""
    response = HttpResponse(html + _LINKS_LEAD_OUT, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = policy
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
