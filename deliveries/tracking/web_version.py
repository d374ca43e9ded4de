"""`/w/<token>`: the message as a web page, without anybody's values (reference 2.3, publish_on_web)."""

import base64
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deliveries import conf
from deliveries.composition import preview_envelope, web_page_measured, web_source_of
from deliveries.content import ComposeError, ContentError, Source, compile_source
from deliveries.tokens import Purpose
from deliveries.tracking.hits.arrival import arrival
from deliveries.tracking.hits.recorder import RECORDER
from deliveries.tracking.pages import guarded, message_of, nothing_here, or_later


@require_safe
@or_later
def web_version(request: HttpRequest, token: str) -> HttpResponse:
    """Show the HTML with every marker empty: a forwarded link gives nobody away. Its links are of this message."""
    message = message_of(Purpose.WEB, token)
    if message is None or not message.delivery.publish_on_web:
        return nothing_here(request)
    source = web_source_of(message.delivery)
    around = preview_envelope("", message.delivery_id, timezone.now(), "")
    try:
        compiled = compile_source(source)
        html, text = compiled.bodies({}, replace(around, click=web_page_measured(message).click))
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
