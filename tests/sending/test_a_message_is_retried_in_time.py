from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from deliveries.errors import ClientError, ServiceError
from deliveries.local_time import moment
from deliveries.relay.address import read_address
from deliveries.sending.ledger import retry_schedule
from deliveries.sending.smtp import backoff

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 240), (60, 240)])
def test_the_waits_grow_from_5_minutes_to_4_hours(attempt, minutes):
    waits = [retry_schedule.wait(attempt, Random(seed)) for seed in range(50)]
    assert timedelta(minutes=minutes) * 0.8 <= min(waits) < max(waits) <= timedelta(minutes=minutes) * 1.2
    assert max(waits) <= retry_schedule.LONGEST


def test_marketing_is_given_up_after_48_hours_and_transactional_mail_after_4_days():
    assert retry_schedule.life(transactional=False) == timedelta(hours=48)
    assert retry_schedule.life(transactional=True) == timedelta(days=4)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-01T09:00:00", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T09:00:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01T09:00:00+05:00", datetime(2026, 12, 1, 4, tzinfo=UTC)),
        ("2026-03-29T02:30:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # does not exist: 03:30 in summer
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # exists twice: the first
    ],
)
def test_a_time_is_meant_in_the_accounts_zone(text, utc):
    assert moment(text, ROME) == utc


def test_a_time_that_is_none_is_refused_with_a_sentence():
    with pytest.raises(ClientError, match="write 2026-12-01T09:00:00"):
        moment("tomorrow", ROME)


def test_a_relay_rests_longer_each_time_and_only_once_for_all_connections(caplog, monkeypatch):
    monkeypatch.setattr(backoff.time, "monotonic", lambda: 1_000.0)
    resting = backoff.Relay(read_address("smtp://127.0.0.1:2525"))
    resting.trouble("SMTP_421", "busy")
    resting.trouble("SMTP_421", "busy")
    assert resting.troubles == 1
    assert resting.rest_left() == 1
    # Others' lines may come between: those of strangers are counted, and told a minute later.
    assert [record.name for record in caplog.records].count(backoff.__name__) == 1
    resting.rests_until = 0
    resting.trouble("SMTP_421", "busy")
    assert resting.rest_left() == 2
    resting.fine()
    assert resting.troubles == 0


def test_117_refused_credentials_rest_the_relay_for_a_minute(monkeypatch):
    monkeypatch.setattr(backoff.time, "monotonic", lambda: 1_000.0)
    resting = backoff.Relay(read_address("smtps://user:p%40ss@mail.example"))
    resting.trouble("SMTP_AUTH", "no")
    assert resting.rest_left() == 60
    assert (resting.address.port, resting.address.password) == (465, "p@ss")
    assert "p@ss" not in repr(resting.address)


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://host:port", "mail.example"])
def test_an_address_that_is_no_relay_is_refused(url):
    with pytest.raises(ServiceError, match="XMLD_SMTP_URL"):
        read_address(url)
