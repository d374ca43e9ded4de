"""`/w/<token>`: the message as a web page, without anybody's values (reference 2.3, publish_on_web)."""

import base64
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliveries import conf
from deliveries.content import ComposeError, ContentError, Envelope, Source, compile_source
from deliveries.models import Delivery
from deliveries.tokens import Purpose
from deliveries.tracking.hits.arrival import arrival
from deliveries.tracking.hits.recorder import RECORDER
from deliveries.tracking.pages import guarded, message_of, nothing_here


@require_safe
def web_version(request: HttpRequest, token: str, source_of: Callable[[Delivery], Source]) -> HttpResponse:
    """Show the HTML with every marker empty: a forwarded link gives nobody away."""
    message = message_of(Purpose.WEB, token)
    if message is None or not message.delivery.publish_on_web:
        return nothing_here(request)
    source = source_of(message.delivery)
    try:
        html, text = compile_source(source).bodies({}, _envelope(message.delivery))
    except (ContentError, ComposeError):
        return nothing_here(request)
    if "w" in message.delivery.measured:
        RECORDER.record(arrival(request, "w", delivery_id=message.delivery_id, message_id=message.pk))
    if not html:
        return guarded(HttpResponse(text, content_type="text/plain; charset=utf-8"), conf.clients_html_policy())
    response = HttpResponse(_with_images(html, source), content_type="text/html; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return guarded(response, conf.clients_html_policy())


def _with_images(html: str, source: Source) -> str:
    """Put the images that travel with the mail into the page, where no `cid:` leads to them."""
    for part in source.attachments:
        if part.cid:
            data = base64.b64encode(part.content).decode("ascii")
            html = html.replace(f"cid:{part.cid}", f"data:{part.content_type};base64,{data}")
    return html


def _envelope(delivery: Delivery) -> Envelope:
    """Return an envelope whose links lead nowhere."""
    return Envelope(
        to="nobody@example.invalid",
        message_id="<web@example.invalid>",
        date=timezone.now(),
        delivery_id=delivery.pk,
        list_id="",
        feedback_id="",
        unsubscribe_url="",
        unsubscribe_mailto="",
        web_url="",
        marketing=False,
    )
