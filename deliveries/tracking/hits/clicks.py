"""`/c/<token>`: on to the address as it was in the mail (reference 6)."""

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from deliveries import tokens
from deliveries.content.places.addresses import location
from deliveries.tokens import COPY_ID, HIDDEN_LINK, Click
from deliveries.tracking.hits.arrival import arrival
from deliveries.tracking.hits.link_targets import target_of
from deliveries.tracking.hits.recorder import RECORDER
from deliveries.tracking.pages import guarded, later, nothing_here


@require_safe
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect and let the hit be written; a copy's links lead there and count for nobody."""
    found = tokens.read_click(token)
    if found is None:
        return nothing_here(request)
    if found.link == HIDDEN_LINK:
        _record(request, found)
        return guarded(HttpResponse(content_type="text/plain; charset=utf-8"))
    try:
        target = found.target if found.target is not None else target_of(found.delivery_id, found.link)
    except DatabaseError:
        _record(request, found)
        return later(request)
    if target is None:
        return nothing_here(request)
    _record(request, found)
    response = guarded(HttpResponse(status=302))
    response["Location"] = location(target)
    return response


def _record(request: HttpRequest, found: Click) -> None:
    if found.message_id == COPY_ID:
        return
    own = found.target or "" if found.link == 0 else ""
    RECORDER.record(
        arrival(
            request,
            "c",
            delivery_id=found.delivery_id,
            message_id=found.message_id,
            link=found.link,
            target=own,
        )
    )
