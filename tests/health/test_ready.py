from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from deliveries.models import Worker

pytestmark = pytest.mark.django_db


def beat(kind, **values):
    return Worker.objects.create(kind=kind, host="h", pid=1, heartbeat_at=values.pop("at", Now()), **values)


def test_it_is_ready_when_clock_cluster_and_a_sender_beat(client):
    for kind in ("clock", "cluster", "sender"):
        beat(kind)
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.json()
    assert answer.json()["failing"] == []


@pytest.mark.parametrize(("kind", "part"), [("clock", "clock"), ("cluster", "cluster"), ("sender", "senders")])
def test_a_silent_part_turns_it_red_by_name(client, kind, part):
    for each in ("clock", "cluster", "sender"):
        if each == kind:
            beat(each, at=timezone.now() - timedelta(minutes=5))
        else:
            beat(each)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failing"] == [part]
    assert "start `manage.py" in answer.json()["parts"][part]["message"]


def test_a_worker_that_ended_is_not_alive(client):
    beat("clock"), beat("cluster"), beat("sender", ended_at=timezone.now())
    assert client.get("/readyz").json()["failing"] == ["senders"]


def test_strangers_and_proxies_without_the_token_see_no_such_page(client, settings):
    settings.METRICS_TOKEN = "t" * 20
    assert client.get("/readyz", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get("/readyz", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    token = {"Authorization": "Bearer " + "t" * 20}
    assert client.get("/readyz", REMOTE_ADDR="192.0.2.7", headers=token).status_code == 503


def test_alive_says_nothing_of_the_rest(client):
    assert client.get("/healthz").json() == {"alive": True}


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto", "Via"])
def test_whoever_speaks_for_another_needs_the_token(client, name):
    assert client.get("/readyz", headers={name: "192.0.2.7"}).status_code == 404


def test_behind_https_this_machine_needs_the_token_too(client, settings):
    settings.PUBLIC_URL = "https://mail.example"
    assert client.get("/readyz", secure=True).status_code == 404
