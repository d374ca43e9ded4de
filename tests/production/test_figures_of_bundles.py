"""Monitoring reads whether bundles are looked for, taken and come to a good end."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from deliveries.health.metrics import exposition
from deliveries.models import ProcessingRun, RunTransition, SftpSpace
from recipients.models import Account

pytestmark = pytest.mark.django_db


def read():
    families = text_string_to_metric_families(exposition().decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


@pytest.fixture
def account():
    return Account.objects.create(name="Shop")


def space_of(account, name, **values):
    return SftpSpace.objects.create(account=account, name=name, username=name, **values)


def run_of(space, status, sub_status, **values):
    run = ProcessingRun.objects.create(
        account=space.account, space=space, file="a.xml", semaphore=f"{sub_status}.ok", status=status,
        sub_status=sub_status, **values,
    )  # fmt: skip
    RunTransition.objects.create(run=run, sub_status=sub_status, started_at=timezone.now() - timedelta(minutes=7))
    return run


def test_spaces_are_counted_by_state_and_each_tells_when_it_was_looked_at(account):
    now = timezone.now()
    space_of(account, "good", last_poll_at=now - timedelta(seconds=40))
    space_of(account, "bad", failing_since=now, last_poll_at=now - timedelta(minutes=10))
    space_of(account, "put aside", failing_since=now, paused_at=now)
    found = read()
    assert [found["xmld_spaces", state] for state in ("fine", "failing", "paused")] == [1, 1, 1]
    ages = {key[2]: value for key, value in found.items() if key[0] == "xmld_space_poll_age_seconds"}
    assert ages == {"good": pytest.approx(40, abs=20), "bad": pytest.approx(600, abs=20)}


def test_a_run_waits_since_its_last_step_and_one_that_is_held_waits_for_nobody_here(account):
    space = space_of(account, "s")
    run_of(space, "LOADING", "LOCK_WAIT")
    ProcessingRun.objects.update(started_at=timezone.now() - timedelta(days=7))  # tried again a week later
    held = run_of(space, "LOADING", "DUPLICATE_HELD")
    RunTransition.objects.filter(run=held).update(started_at=timezone.now() - timedelta(days=7))
    found = read()
    assert (found["xmld_runs", "working"], found["xmld_runs", "held"]) == (1, 1)
    assert found[("xmld_oldest_run_seconds",)] == pytest.approx(420, abs=20)


def test_failed_runs_are_those_of_the_last_hour_that_nobody_discarded(account):
    space, now = space_of(account, "s"), timezone.now()
    run_of(space, "ERROR", "XML_ERROR", code="XML_SYNTAX", ended_at=now - timedelta(minutes=5))
    run_of(space, "ERROR", "XMLD_CONFIGURATION_ERROR", code="CSV_EMPTY", ended_at=now - timedelta(hours=2))
    run_of(space, "ERROR", "DISCARDED", code="DISCARDED", ended_at=now)
    run_of(space, "SUCCESS", "DELIVERY_FINISHED", ended_at=now)
    assert read()[("xmld_failed_runs",)] == 1
