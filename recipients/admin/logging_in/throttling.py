"""Who failed to log in too often waits some minutes: a name at one network address, and an address as a whole.

Nobody is locked out from elsewhere by who guesses at their name, and none of it asks whether a name exists.
"""

import ipaddress
import time
import unicodedata
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from recipients.admin.logging_in import attempts

# In five to ten minutes.
MOST_OF_A_NAME: Final = 10
MOST_OF_AN_ADDRESS: Final = 100  # all of an office may come from one
_SITE: Final = 64  # bits of an IPv6 address: whoever has one has all that begin so


class RetryAfterMiddleware:
    """Gives the log-in page of who has to wait the status and the header that programs understand."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 429 with Retry-After where the form noted how long."""
        response = self.get_response(request)
        if seconds := getattr(request, "retry_after", 0):
            response.status_code = 429
            response["Retry-After"] = str(seconds)
        return response


def wait(request: HttpRequest, name: str) -> int:
    """Return for how many seconds nobody logs in so from there, 0 for none; the answer will say it too."""
    now, of_name, of_address = time.time(), *_subjects(request, name)
    seconds = max(attempts.wait(of_name, MOST_OF_A_NAME, now), attempts.wait(of_address, MOST_OF_AN_ADDRESS, now))
    request.retry_after = seconds  # type: ignore[attr-defined]  # read by the middleware
    return seconds


def take(request: HttpRequest, who: str) -> int:
    """Count a log-in of `who` before a password is looked at; return for how many seconds it waits, 0 for none."""
    now = time.time()
    of_name, of_address = _subjects(request, who)
    seconds = attempts.wait(of_address, MOST_OF_AN_ADDRESS, now) or attempts.take(of_name, MOST_OF_A_NAME, now)
    request.retry_after = seconds  # type: ignore[attr-defined]  # read by the middleware
    return seconds


def taken_failed(request: HttpRequest, who: str) -> None:
    """Count for the address what `take` has counted for the name."""
    attempts.count(_subjects(request, who)[1], time.time())


def failed(request: HttpRequest, name: str) -> None:
    """Count a failed log-in."""
    for subject in _subjects(request, name):
        attempts.count(subject, time.time())


def succeeded(request: HttpRequest, name: str) -> None:
    """Forget the name's failures there, not the address's: one's own log-in would let one guess on at others'."""
    attempts.forget(_subjects(request, name)[0], time.time())


def _subjects(request: HttpRequest, name: str) -> tuple[str, str]:
    address = address_of(request)
    return f"name {address} {same_name(name)}", f"address {address}"


def same_name(text: str) -> str:
    """Return a name as log-ins compare it: letter case and ways of writing a sign make no difference."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def address_of(request: HttpRequest) -> str:
    """Return the network address that asks, an IPv6 site as one; the web server has checked what proxies say."""
    try:
        found = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, _SITE), strict=False))
    return str(found)
