"""What granian runs (RSGI): every request is checked and complete before one of Django's threads sees it.

One event loop a process reads bodies, so an unfinished one costs its bytes and no thread. The way of a request:
admission (length, encoding) → who asks → the body, with a deadline → a thread of its pool → the whole answer.
"""

import asyncio
import io
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # granian's own name for it

from xmld_project.web import admission, answering, uploads
from xmld_project.web.admission import Announced, Refused
from xmld_project.web.bodies import Bodies
from xmld_project.web.environ import Scope, environ
from xmld_project.web.pools import Pool
from xmld_project.web.proxies import Proxies, Visitor


class Application:
    """The admin, the public pages and the probes of one worker process."""

    def __init__(self) -> None:
        self._django = get_wsgi_application()
        self._proxies = Proxies(settings.TRUSTED_PROXIES)
        self._bodies = Bodies()
        self._uploads = uploads.Uploads()
        self._public, self._area = Pool("public"), Pool("area")

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Granian ends this process."""
        self._public.close()
        self._area.close()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, protocol)
        except Refused as refusal:
            _refuse(protocol, refusal)
        else:
            await _send(protocol, answer)

    async def _answer(self, scope: Scope, protocol: Any) -> answering.Answer:
        headers = scope.headers
        # RFC 9112 3.2: such a request is answered by 400, whatever it asks.
        if scope.http_version == "1.1" and not headers.get("host"):
            raise Refused(HTTPStatus.BAD_REQUEST, "Say with Host which address is asked.")
        given = admission.announced(scope.path, headers.get("content-length"), headers.get("transfer-encoding"))
        pool = self._public if given.public else self._area
        visitor = self._proxies.visitor(
            scope.client.rpartition(":")[0].strip("[]"),
            ",".join(value for name, value in headers.items() if name == "x-forwarded-for"),
            headers.get("x-forwarded-proto", ""),
        )
        with await self._body(scope, protocol, given, visitor) as body:
            return await pool.run(visitor.site, answering.answer, self._django, environ(scope, visitor, body))

    async def _body(self, scope: Scope, protocol: Any, given: Announced, visitor: Visitor) -> IO[bytes]:
        if not given.length:
            return io.BytesIO()
        # A thread is asked only for bodies that strangers may not send.
        if not given.needs_log_in:
            return await self._bodies.receive(protocol, given.length, visitor.address)
        cookie = "; ".join(value for name, value in scope.headers.items() if name == "cookie")
        allowed = await self._area.run(visitor.site, _allowed, cookie, scope.path)
        if allowed.user_id is None or given.length > allowed.most:
            raise admission.too_large(max(allowed.most, admission.OF_A_STRANGER))
        with self._uploads.counted(allowed.user_id, given.length):
            return await self._bodies.receive(protocol, given.length, visitor.address)


def _allowed(cookie: str, path: str) -> uploads.Allowed:
    # Django does so around a request, and this is none: a connection may have died since.
    close_old_connections()
    try:
        return uploads.allowed(cookie, path)
    finally:
        close_old_connections()


def _refuse(protocol: Any, refusal: Refused) -> None:
    headers = [
        # What is left of the body would be read as the next request.
        ("connection", "close"),
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
    ]
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("retry-after", "5"))
    protocol.response_str(refusal.status, headers, f"{refusal.sentence}\n")


async def _send(protocol: Any, answer: answering.Answer) -> None:
    if isinstance(answer.body, bytes):
        protocol.response_bytes(answer.status, answer.headers, answer.body)
        return
    with answer.body as file:
        transport = protocol.response_stream(answer.status, answer.headers)
        try:
            for piece in answering.pieces(file):
                await transport.send_bytes(piece)
        except ProtocolClosed:
            return


application = Application()
