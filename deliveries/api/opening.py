"""Who may read: a bearer token of an account (RFC 6750), within a bound of requests."""

import time
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest
from ninja.security import HttpBearer

from deliveries.api.problems import ApiProblem
from recipients import api_tokens
from recipients.admin.logging_in import attempts, throttling
from recipients.models import ApiToken

# In five to ten minutes, all web processes of a machine together.
MOST_REQUESTS: Final = 6_000
MOST_FAILURES: Final = 100  # wrong tokens from one address, which many systems may share
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="XML Delivery"'}


class Bearer(HttpBearer):
    """Finds the token; a request without a living one is told nothing but that."""

    def __call__(self, request: HttpRequest) -> ApiToken:
        """Return the token of a request. Raises ApiProblem."""
        scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
        return self.authenticate(request, secret.strip() if scheme.lower() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """Return the living token with this secret. Raises ApiProblem."""
        now, asker = time.time(), f"api {throttling.address_of(request)}"
        _hold_back(attempts.wait(asker, MOST_FAILURES, now))
        found = api_tokens.find(token) if token else None
        if found is None:
            attempts.count(asker, now)
            raise ApiProblem(
                HTTPStatus.UNAUTHORIZED,
                "TOKEN",
                "Send a living token of an account as `Authorization: Bearer …`; its administrator makes one.",
                CHALLENGE,
            )
        user = f"api token {found.pk}"
        _hold_back(attempts.wait(user, MOST_REQUESTS, now))
        attempts.count(user, now)
        return found


def _hold_back(seconds: int) -> None:
    if seconds:
        raise ApiProblem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "TOO_MANY",
            f"Too many requests: ask again in {seconds} s.",
            {"Retry-After": str(seconds)},
        )
