"""Every address of the read API (reference 11). Each asks only the token's account."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import NinjaAPI, Path, Query
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema

from deliveries.api import cursors, problems, schemas, shapes
from deliveries.api.cursors import Cursor, Limit
from deliveries.api.opening import Bearer
from deliveries.api.problems import ApiProblem
from deliveries.models import Delivery, DeliveryStatus, Newsletter, ProcessingRun, RunStatus, RunTransition
from deliveries.statistics import log
from deliveries.statistics.figures import figures
from deliveries.statistics.report import report
from recipients.models import ApiToken, Database, Filter


class ReadApi(NinjaAPI):
    """Ninja tells of each answer as plain JSON; ours that are not a success are problems."""

    def get_openapi_schema(self, **values: Any) -> OpenAPISchema:
        """Return the document, with the type of the problems."""
        document = super().get_openapi_schema(**values)
        for path in document["paths"].values():
            for status, answer in path["get"]["responses"].items():
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    answer["content"] = {problems.CONTENT_TYPE: answer["content"]["application/json"]}
        return document


api = ReadApi(
    title="XML Delivery",
    version="1",
    description="Reads runs, deliveries and their figures. Nothing can be changed here.",
    auth=Bearer(),
    docs_url=None,
    urls_namespace="api",
)
api.add_exception_handler(ApiProblem, problems.of_problem)
api.add_exception_handler(ValidationError, problems.of_values)
api.add_exception_handler(OperationalError, problems.database_away)
api.add_exception_handler(InterfaceError, problems.database_away)

_WRONG: Final = dict.fromkeys((401, 422, 429, 500, 503), schemas.Problem)
_ONE: Final = {**_WRONG, 404: schemas.Problem}
# A bigint: PostgreSQL would refuse a larger number with an error of its own.
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _token(request: HttpRequest) -> ApiToken:
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # what Bearer returned
    return token


@api.get("/runs", response={200: schemas.RunPage, **_WRONG}, summary="The runs, newest first")
def runs(
    request: HttpRequest,
    limit: Limit,
    cursor: Cursor,
    status: Annotated[RunStatus | None, Query(None)],
) -> dict[str, Any]:
    rows = _runs(request) if status is None else _runs(request).filter(status=status)
    return cursors.shaped(rows, limit, cursor, partial(shapes.run, people=_token(request).personal_data))


@api.get("/runs/{run_id}", response={200: schemas.RunWithTransitions, **_ONE}, summary="A run with its transitions")
def run(request: HttpRequest, run_id: Id) -> dict[str, Any]:
    row = _runs(request).filter(pk=run_id).first()
    if row is None:
        raise problems.unknown("run", run_id)
    steps = RunTransition.objects.filter(run=row).order_by("id")
    people = _token(request).personal_data
    return {
        **shapes.run(row, people=people),
        "transitions": [shapes.transition(step, people=people) for step in steps],
    }


@api.get("/deliveries", response={200: schemas.DeliveryPage, **_WRONG}, summary="The deliveries with their figures")
def deliveries(
    request: HttpRequest,
    limit: Limit,
    cursor: Cursor,
    status: Annotated[DeliveryStatus | None, Query(None)],
    tests: Annotated[bool, Query(False, description="test deliveries too")],
) -> dict[str, Any]:
    rows = _deliveries(request) if status is None else _deliveries(request).filter(status=status)
    found, following = cursors.page(rows if tests else rows.filter(type="normal"), limit, cursor)
    counted = figures([row.pk for row in found])
    return {"items": [shapes.delivery(row, counted[row.pk]) for row in found], "next": following}


@api.get("/deliveries/{delivery_id}", response={200: schemas.DeliveryWithLabels, **_ONE}, summary="A delivery")
def delivery(request: HttpRequest, delivery_id: Id) -> dict[str, Any]:
    row = _delivery(request, delivery_id)
    return {
        **shapes.delivery(row, figures([row.pk])[row.pk]),
        "created": row.created_at,
        "started": row.started_at,
        "ended": row.ended_at,
        "database": shapes.named(row.database),
        "labels": {label.name: label.value for label in row.labels.all()},
    }


@api.get(
    "/deliveries/{delivery_id}/report",
    response={200: schemas.Report, **_ONE},
    summary="The statistics of a delivery",
)
def delivery_report(request: HttpRequest, delivery_id: Id) -> dict[str, Any]:
    return report(_delivery(request, delivery_id), people=_token(request).personal_data)


@api.get(
    "/deliveries/{delivery_id}/events",
    response={200: schemas.EventPage, 403: schemas.Problem, **_ONE},
    summary="The event log of a delivery: the rows of `limit` messages a page",
)
def delivery_events(request: HttpRequest, delivery_id: Id, limit: Limit, cursor: Cursor) -> dict[str, Any]:
    row = _delivery(request, delivery_id)
    if not _token(request).personal_data:
        detail = "The event log names people: this token may not read personal data."
        raise ApiProblem(HTTPStatus.FORBIDDEN, "PERSONAL_DATA", detail)
    rows, after = log.page(row, cursors.read(cursor) or 0, limit)
    return {"items": rows, "next": None if after is None else cursors.write(after)}


@api.get("/newsletters", response={200: schemas.NewsletterPage, **_WRONG}, summary="The newsletters")
def newsletters(request: HttpRequest, limit: Limit, cursor: Cursor) -> dict[str, Any]:
    rows = Newsletter.objects.filter(account=_token(request).account).select_related("database")
    return cursors.shaped(rows, limit, cursor, shapes.newsletter)


@api.get("/databases", response={200: schemas.DatabasePage, **_WRONG}, summary="The user databases")
def databases(request: HttpRequest, limit: Limit, cursor: Cursor) -> dict[str, Any]:
    rows = Database.objects.filter(account=_token(request).account)
    return cursors.shaped(rows, limit, cursor, shapes.database)


@api.get("/filters", response={200: schemas.FilterPage, **_WRONG}, summary="The filters")
def filters(request: HttpRequest, limit: Limit, cursor: Cursor) -> dict[str, Any]:
    rows = Filter.objects.filter(database__account=_token(request).account).select_related("database")
    return cursors.shaped(rows, limit, cursor, shapes.filter_)


def _runs(request: HttpRequest) -> QuerySet[ProcessingRun]:
    return ProcessingRun.objects.filter(account=_token(request).account).select_related("space")


def _deliveries(request: HttpRequest) -> QuerySet[Delivery]:
    mine = Delivery.objects.filter(account=_token(request).account)
    return mine.select_related("newsletter", "filter", "database")


def _delivery(request: HttpRequest, delivery_id: int) -> Delivery:
    row = _deliveries(request).filter(pk=delivery_id).first()
    if row is None:
        raise problems.unknown("delivery", delivery_id)
    return row
