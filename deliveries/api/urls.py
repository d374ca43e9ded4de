"""The API below its base: Ninja's addresses, and problems for every other one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, re_path

from deliveries.api.addresses import api
from deliveries.api.problems import no_such_address, wrong_method

_ALLOWED: Final = "GET"


def _with_problem(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the view with a problem where Ninja answers a wrong method by an empty page."""

    @wraps(view)
    def answered(request: HttpRequest, *arguments: Any, **values: Any) -> HttpResponse:
        response = view(request, *arguments, **values)
        wrong = isinstance(response, HttpResponseNotAllowed)
        response = wrong_method(_ALLOWED) if wrong else response
        response["Cache-Control"] = "no-store"
        return response

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # a token is not a cookie
    return answered


def _patterns() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        root = pattern.name == "api-root"  # there is nothing at it, but Ninja finds its base by its name
        pattern.callback = _with_problem(no_such_address if root else pattern.callback)
    return patterns


# Ninja names its addresses in this namespace, and looks for them there when it writes the OpenAPI document.
urlpatterns: list[Any] = [*_patterns(), re_path(r"^(?P<rest>.*)$", _with_problem(no_such_address))]
app_name: Final = "api"
