"""`/o/<token>`: the pixel of one person's mail, or the one that all mails of a delivery share (reference 6)."""

import base64
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from deliveries import tokens
from deliveries.tokens import COPY_ID, Purpose
from deliveries.tracking.hits.arrival import arrival
from deliveries.tracking.hits.recorder import RECORDER
from deliveries.tracking.pages import guarded, nothing_here

# One transparent point: the smallest GIF89a.
PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the point; a copy's pixel counts for nobody."""
    message_id = tokens.read(Purpose.OPEN, token)
    if message_id is not None:
        if message_id != COPY_ID:
            RECORDER.record(arrival(request, "o", message_id=message_id))
    elif delivery_id := tokens.read(Purpose.OPEN_SHARED, token):
        RECORDER.record(arrival(request, "o", delivery_id=delivery_id))
    else:
        return nothing_here(request)
    return guarded(HttpResponse(PIXEL, content_type="image/gif"))
