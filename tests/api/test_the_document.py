"""The OpenAPI document is true: every address of it is asked with what it allows and what it does not."""

import json

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from xmld_project.wsgi import application

PATHS = {
    "/api/v1/runs", "/api/v1/runs/{run_id}", "/api/v1/deliveries", "/api/v1/deliveries/{delivery_id}",
    "/api/v1/deliveries/{delivery_id}/report", "/api/v1/deliveries/{delivery_id}/events", "/api/v1/newsletters",
    "/api/v1/databases", "/api/v1/filters",
}  # fmt: skip

PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def document(db, state):
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_the_document_names_every_address_and_nothing_that_changes(document):
    assert set(document["paths"]) == PATHS
    assert {method for path in document["paths"].values() for method in path} == {"get"}
    assert document["components"]["securitySchemes"]["Bearer"] == {"type": "http", "scheme": "bearer"}


@pytest.mark.parametrize("path", sorted(PATHS))
def test_an_address_keeps_to_the_document(path, document, api, delivery):
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    operation = schema[path]["GET"]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=25,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    def ask(case):
        case.call_and_validate(headers=api.headers | PLAIN)

    # Django gives connections back after each request: this test's is in a transaction.
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    try:
        ask()
        _ask_what_there_is(operation, path, delivery, api)
    finally:
        signals.request_started.connect(close_old_connections)
        signals.request_finished.connect(close_old_connections)


def _ask_what_there_is(operation, path, delivery, api):
    for parameters in ({"run_id": delivery.run_id}, {"delivery_id": delivery.pk}):
        if all(f"{{{name}}}" in path for name in parameters):
            case = operation.Case(path_parameters=parameters)
            assert case.call_and_validate(headers=api.headers | PLAIN).status_code == 200
