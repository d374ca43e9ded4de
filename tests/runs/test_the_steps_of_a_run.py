"""Reference 1, 4.1: when a space is polled, what is gone before a load, and which steps a run leaves behind."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deliveries.intake.runs import load
from deliveries.models import SftpSpace
from recipients.models import Database, Filter

TEST = (
    "<test_recipients><test_recipient><email>qa@x.example</email></test_recipient></test_recipients></recipients>"
)


def steps(client_system):
    return list(client_system.run().transitions.order_by("id").values_list("sub_status", "message"))


@pytest.mark.sentence("1.3-01")
@pytest.mark.parametrize("seconds", [30, 5])
def test_a_space_is_polled_again_at_its_place_among_its_seconds(client_system, seconds):
    SftpSpace.objects.update(poll_seconds=seconds)
    dues = []
    for _ in range(2):
        began = timezone.now()
        client_system.poll()
        dues.append(SftpSpace.objects.get().next_poll_at)
        assert began < dues[-1] <= timezone.now() + timedelta(seconds=seconds)
    apart = (dues[1] - dues[0]).total_seconds() % seconds
    assert min(apart, seconds - apart) == pytest.approx(0, abs=0.01)


@pytest.mark.sentence("1.3-01", "1.6-04")
def test_a_space_polls_every_30_seconds_and_holds_for_an_hour_unless_it_says_otherwise(space):
    assert (space.poll_seconds, space.duplicate_window_minutes) == (30, 60)


@pytest.mark.sentence("1.3-01")
def test_no_space_is_polled_more_often_than_every_5_seconds(space):
    with pytest.raises(IntegrityError), transaction.atomic():
        SftpSpace.objects.update(poll_seconds=4)


@pytest.mark.sentence("1.3-10")
def test_the_semaphore_is_gone_before_anything_is_loaded(client_system, monkeypatch):
    real, seen = load.load_csv, []
    monkeypatch.setattr(
        load,
        "load_csv",
        lambda *given, **named: (seen.append(client_system.has("a.ok")), real(*given, **named))[1],
    )
    client_system.bundle()
    assert client_system.has("a.ok")
    client_system.poll()
    assert seen == [False]


@pytest.mark.sentence("4.1-06")
def test_each_chunk_of_rows_is_a_step_with_the_rows_so_far(client_system):
    client_system.bundle(csv="email,nome\n" + "".join(f"p{n}@x.example,P{n}\n" for n in range(25_000)))
    client_system.poll()
    added = [int(message) for step, message in steps(client_system) if step == "RECIPIENTS_ADDED"]
    assert len(added) >= 3
    assert added == sorted(added)
    assert added[-1] == client_system.run().rows_good == 25_000


@pytest.mark.sentence("4.1-07")
def test_a_bundle_of_a_filter_only_has_no_step_of_a_load(client_system):
    chosen = Filter.objects.create(
        database=Database.objects.get(), name="all", conditions=[{"field": "email", "op": "is_not_empty"}]
    )
    xml = client_system.xml(method="manual")
    start, end = xml.index("<new_recipients>"), xml.index("</recipients>")
    client_system.server.put("a.xml", f"{xml[:start]}<filter><normal>{chosen.pk}</normal></filter>{xml[end:]}")
    client_system.server.put("a.ok")
    client_system.poll()
    assert [step for step, _ in steps(client_system)] == [
        "SEMAPHORE_FOUND",
        "XML_CONFIGURATION_FILE_FOUND",
        "DOWNLOAD_XML_COMPLETED",
        "USER_REQUESTING",
        "SEMAPHORE_DELETED",
        "QUALIFIER_ID",
        "DELIVERY_CONTENT",
        "DELIVERY_ID",
        "DELIVERY_FINISHED",  # manual: nothing is started
    ]


@pytest.mark.sentence("4.1-04", "4.1-07")
def test_a_bundle_with_test_recipients_has_the_steps_of_both_deliveries(client_system):
    client_system.bundle()
    client_system.server.put("a.xml", client_system.xml().replace("</recipients>", TEST))
    client_system.poll()
    run, made = client_system.run(), dict(steps(client_system))
    assert made["QUALIFIER_ID"] == str(run.filter_id)
    assert made["QUALIFIER_TEST_ID"] == str(run.test_filter_id)
    assert made["DELIVERY_ID"] == str(run.delivery_id)
    assert made["DELIVERY_ID_TEST"] == str(run.test_delivery_id)
    names = list(made)
    assert names.index("QUALIFIER_ID") < names.index("QUALIFIER_TEST_ID") < names.index("DELIVERY_CONTENT")
    assert names.index("DELIVERY_ID") < names.index("DELIVERY_ID_TEST") < names.index("DELIVERY_STARTED")


@pytest.mark.parametrize(("method", "said"), [("auto", "sent off"), ("manual", "ready")])
def test_the_last_step_says_what_became_of_the_delivery(client_system, method, said):
    client_system.bundle(method=method)
    client_system.poll()
    run = client_system.run()
    assert run.transitions.latest("id").sentence() == f"delivery {run.delivery_id} {said}"
