"""Reference 2.3: when it goes out. NOW is 2026-11-24 12:00 UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deliveries.intake.rules.options import Times, instant, times
from tests.language.conftest import NOW

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.sentence("2.3-10", "2.3-11", "2.3-12")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-12-01T09:30:00", "2026-12-01T08:30:00"),
        ("2026-12-01T09:30:00Z", "2026-12-01T09:30:00"),
        ("2026-12-01T09:30:00-05:00", "2026-12-01T14:30:00"),
        ("2026-12-01T09:30:00+14:00", "2026-11-30T19:30:00"),
        ("2027-03-28T01:59:59", "2027-03-28T00:59:59"),
        ("2027-03-28T02:00:00", "2027-03-28T01:00:00"),  # does not exist: 03:00 in summer time
        ("2027-03-28T02:30:00", "2027-03-28T01:30:00"),  # does not exist: 03:30 in summer time
        ("2027-03-28T02:59:59", "2027-03-28T01:59:59"),
        ("2027-03-28T03:00:00", "2027-03-28T01:00:00"),
        ("2026-10-25T01:59:59", "2026-10-24T23:59:59"),
        ("2026-10-25T02:00:00", "2026-10-25T00:00:00"),  # exists twice: the first
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00"),  # the second, by its offset
    ],
)
def test_a_schedule_is_in_the_accounts_zone_unless_it_has_an_offset(written, expected):
    assert instant(written, ROME) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def scheduled(at, method="auto"):
    return f'<delivery method="{method}"><schedule>{at}</schedule></delivery>'


def test_a_schedule_to_come_is_kept_and_with_manual_it_is_proposed(planned):
    at = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    assert planned(delivery=scheduled("2026-12-01T09:30:00")).start_at == at
    waiting = planned(delivery=scheduled("2026-12-01T09:30:00", "manual"))
    assert (waiting.start_at, waiting.proposed_at) == (None, at)


@pytest.mark.sentence("2.3-13")
@pytest.mark.parametrize(
    "at", ["2026-11-24T12:00:00Z", "2026-11-23T13:01:00", "2026-11-23T12:01:00Z", "2026-11-23T12:00:00Z"]
)
def test_a_schedule_past_by_at_most_24_hours_is_sent_at_once_and_noted(planned, at):
    plan = planned(delivery=scheduled(at))
    assert (plan.start_at, plan.proposed_at, plan.method) == (None, None, "auto")
    assert f"schedule {at} is past: sent at once" in plan.warnings[0]


def test_a_time_beside_manual_is_proposed_also_when_it_is_past(planned):
    plan = planned(delivery=scheduled("2026-01-01T00:00:00Z", "manual"))
    assert (plan.start_at, plan.proposed_at) == (None, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.sentence("2.3-09")
def test_a_schedule_is_read_in_the_zone_of_the_account(planned, demo):
    demo.account.time_zone = "America/New_York"
    demo.account.save()
    assert planned(delivery=scheduled("2026-12-01T09:30:00")).start_at == datetime(2026, 12, 1, 14, 30, tzinfo=UTC)


@pytest.mark.sentence("2.3-14")
@pytest.mark.parametrize(
    "at",
    [
        "2026-11-23T11:59:59Z",
        "2026-11-23T11:59:00Z",
        "2026-11-23T12:59:00",
        "1999-01-01T00:00:00",
        "0001-01-01T00:00:00",
    ],
)
def test_date_invalid(refusal, at):
    error = refusal(delivery=scheduled(at))
    assert (error.code, error.element) == ("DATE_INVALID", "schedule")
    assert "schedule is in the past" in error.message


@pytest.mark.parametrize(("at", "method"), [("2099-01-01T00:00:00", "auto"), ("0001-01-01T00:00:00", "manual")])
def test_date_too_far(refusal, at, method):
    assert refusal(delivery=scheduled(at, method)).code == "DATE_TOO_FAR"


def test_no_schedule_is_at_once():
    assert times("", "auto", ROME, NOW) == times("", "manual", ROME, NOW) == Times()
