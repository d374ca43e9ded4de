import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from deliveries.models import Delivery, Event, Label, Message, ProcessingRun, RunTransition, SftpSpace
from deliveries.statistics.mend import mend
from recipients import api_tokens, tables
from recipients.models import Field, Filter
from tests.tracking.conftest import NOON, make_delivery


class Api:
    """Asks the API with a token."""

    def __init__(self, secret):
        self.headers = {"Authorization": f"Bearer {secret}"}

    def __call__(self, path, answers=200, **values):
        answer = Client(headers=self.headers).get(f"/api/v1/{path}", values)
        assert answer.status_code == answers, answer.content
        return json.loads(answer.content)


def token_of(account, **values):
    values = {"personal_data": True, "expires_at": None, "actor": None, **values}
    return api_tokens.make(account, values.pop("name", "monitor"), **values)[1]


def filled(name):
    """Make an account with one of everything; return its delivery."""
    delivery = make_delivery(name)
    for position, (field, kind) in enumerate((("email", "email"), ("nome", "string"))):
        Field.objects.create(database=delivery.database, name=field, type=kind, position=position)
    tables.create(delivery.database)
    delivery.filter = Filter.objects.create(
        database=delivery.database, name="Milan", conditions=[{"field": "nome", "op": "equals", "value": "Ida"}]
    )
    space = SftpSpace.objects.create(account=delivery.account, name="demo", username=name)
    delivery.run = run = ProcessingRun.objects.create(
        account=delivery.account, space=space, file="a.xml", semaphore="a.ok", status="SUCCESS",
        sub_status="DELIVERY_FINISHED", delivery=delivery, rows_good=3, rows_bad=1, warning_faults=["x"],
    )  # fmt: skip
    RunTransition.objects.create(run=run, sub_status="SEMAPHORE_FOUND", started_at=NOON, ended_at=NOON)
    delivery.save()
    Label.objects.create(delivery=delivery, name="season", value="winter")
    for number in range(3):
        message = Message.objects.create(
            delivery=delivery, recipient_id=number, address=f"p{number}@{name}.example", status="delivered",
            outcome_at=NOON,
        )  # fmt: skip
        Event.objects.create(
            account=delivery.account, delivery=delivery, message=message, at=NOON + timedelta(hours=1), action="c",
            origin="person", reference="1",
        )  # fmt: skip
    mend(delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(size=3, ended_at=timezone.now())
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def state(settings, tmp_path):
    settings.STATE_DIR = tmp_path  # failures are counted there


@pytest.fixture
def delivery(db, state):
    return filled("shop")


@pytest.fixture
def api(delivery):
    return Api(token_of(delivery.account))
