from django.utils import timezone

from deliveries.models import Worker
from tests.sending.conftest import make_going


def _read(client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_prometheus_reads_depth_retries_by_domain_age_doubts_and_waves(client, shop):
    delivery = make_going(shop, ["a@x.example", "b@x.example", "c@y.example", "d@y.example"])
    for message, status in zip(
        delivery.messages.order_by("id"), ["deferred", "deferred", "in_doubt"], strict=False
    ):
        message.status, message.attempt = status, 1
        message.save()
    done = {"accepted": 7, "waves": 2, "wave_seconds": 0.5}
    Worker.objects.create(kind="sender", host="h", pid=1, heartbeat_at=timezone.now(), **done)
    Worker.objects.create(
        kind="sender", host="h", pid=2, heartbeat_at=timezone.now(), ended_at=timezone.now(), **done
    )
    read = _read(client)
    assert read['xmld_messages{status="pending"}'] == 1
    assert read['xmld_messages{status="deferred"}'] == 2
    assert read['xmld_messages{status="in_doubt"}'] == 1
    assert read['xmld_deferred{domain="x.example"}'] == 2
    assert read["xmld_oldest_waiting_seconds"] >= 0
    assert (read["xmld_accepted_total"], read["xmld_waves_total"], read["xmld_wave_seconds_total"]) == (14, 4, 1)
    assert read['xmld_workers{kind="sender"}'] == 1
    assert read["xmld_relay_failing"] == 0


def test_strangers_see_no_metrics(client, shop):
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
