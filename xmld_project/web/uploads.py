"""How much somebody may send who has logged in: forms, and more on the pages that take files."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from recipients.admin.files import most_bytes
from xmld_project.web.admission import Refused

_PARTS: Final = 1024**2  # what a form has around its file
_KEPT_FREE: Final = 1024**3  # the database may lie on the same disk


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who is logged in (None: nobody), and how many bytes they may send to the page."""

    user_id: int | None
    most: int


def allowed(cookie: str, path: str) -> Allowed:
    """Return what the bearer of these cookies may send to this address."""
    user_id = _logged_in(cookie)
    if user_id is None:
        return Allowed(None, 0)
    try:
        view: Any = resolve(path).func
    except Resolver404:
        return Allowed(user_id, 0)
    files = most_bytes(view)
    return Allowed(user_id, max(int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE), files + _PARTS if files else 0))


def _logged_in(cookie: str) -> int | None:
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if morsel is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    return get_user(request).pk


class Uploads:
    """The uploads to this process: one body of a person at a time, and never the disk's last gigabyte."""

    def __init__(self) -> None:
        self._sending: set[int] = set()

    @contextmanager
    def counted(self, user_id: int, length: int) -> Iterator[None]:
        """Hold the person's place for a block. Raises Refused."""
        if user_id in self._sending:
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "An upload of yours is under way: wait until it has ended.")
        if shutil.disk_usage(tempfile.gettempdir()).free < length + _KEPT_FREE:
            raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, "The disk has no room for this upload: ask who runs it.")
        self._sending.add(user_id)
        try:
            yield
        finally:
            self._sending.discard(user_id)
