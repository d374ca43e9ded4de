"""What went wrong, as RFC 9457 wants it told; one text for what does not exist and what is another account's."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse

CONTENT_TYPE: Final = "application/problem+json"


class ApiProblem(Exception):
    """An answer that is not a success; `headers` go out with it."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


def unknown(what: str, number: int) -> ApiProblem:
    """Return the problem of an id that this account does not have."""
    return ApiProblem(HTTPStatus.NOT_FOUND, "UNKNOWN", f"There is no {what} {number} in this account.")


def answer(problem: ApiProblem, invalid: Sequence[dict[str, Any]] | None = None) -> HttpResponse:
    """Return a problem as the answer to a request."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if invalid is not None:
        body["invalid"] = invalid
    return JsonResponse(body, status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE)


def of_problem(_request: HttpRequest, problem: Any) -> HttpResponse:
    """Answer what a view raised."""
    return answer(problem)


def of_values(_request: HttpRequest, error: Any) -> HttpResponse:
    """Answer a request whose values can't be read: where each is, and why."""
    invalid = [{"where": [str(part) for part in one["loc"]], "message": str(one["msg"])} for one in error.errors]
    detail = "A value of this request can't be used: see `invalid`."
    return answer(ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID", detail), invalid)


def no_such_address(_request: HttpRequest, **_rest: str) -> HttpResponse:
    """Answer an address below the API that is none."""
    return answer(ApiProblem(HTTPStatus.NOT_FOUND, "NO_ADDRESS", "There is no such address: see openapi.json."))


def database_away(_request: HttpRequest, _error: Any) -> HttpResponse:
    """Answer while there is no database to ask."""
    detail = "This can't be answered at this moment: ask again in a minute."
    return answer(ApiProblem(HTTPStatus.SERVICE_UNAVAILABLE, "AWAY", detail, {"Retry-After": "60"}))


def our_fault() -> HttpResponse:
    """Answer what should not have happened: the log has the rest."""
    detail = "The fault is ours and has been noted in the log: tell whoever runs this platform."
    return answer(ApiProblem(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL", detail))


def wrong_method(allowed: str) -> HttpResponse:
    """Answer a method that an address does not know."""
    detail = f"This address takes {allowed}: nothing can be changed here."
    return answer(ApiProblem(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD", detail, {"Allow": allowed}))
