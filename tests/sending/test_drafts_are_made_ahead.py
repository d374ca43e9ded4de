"""While a wave is with the database the sender composes what goes out next."""

import asyncio

import pytest

from deliveries.models import Delivery, SendingRange
from deliveries.sending.ledger.records import Outcome
from deliveries.sending.worker import drafting
from deliveries.sending.worker.compose import mailing
from deliveries.sending.worker.feeder import _load
from deliveries.sending.worker.jobs import Job, LeasedRange
from deliveries.sending.worker.turns import Turns
from tests.sending.conftest import make_going


def _read(shop, people: int) -> tuple[Turns, list[Job]]:
    made = mailing(
        Delivery.objects.select_related("newsletter__account", "database").get(pk=make_going(shop, people).pk)
    )
    row = SendingRange.objects.get(delivery=made.delivery_id)
    leased = LeasedRange(row, made, read_to=row.first_id - 1, chunk=100)
    turns = Turns()
    turns.add(leased)
    jobs, _size = _load(leased)
    turns.hand_out(leased, jobs)
    return turns, jobs


class _OverError(Exception):
    pass


class _Waves:
    """One wave that the database has not answered yet, or has answered; who waits for another ends."""

    def __init__(self, *, committing: bool):
        self.committing = committing
        self.begun = self
        self._left = 1

    async def wait(self) -> None:
        if not self._left:
            raise _OverError
        self._left -= 1

    def clear(self) -> None:
        pass


def _drafted(turns: Turns, waves: _Waves, jobs: list[Job]) -> list[bool]:
    with pytest.raises(_OverError):
        asyncio.run(drafting.draft_ahead(turns, waves))
    return [job.draft is not None for job in jobs]


def test_what_is_next_is_drafted_while_a_wave_is_with_the_database(shop):
    turns, jobs = _read(shop, 5)
    assert _drafted(turns, _Waves(committing=True), jobs) == [True] * 5
    taken = turns.take_waiting()
    assert drafting.draft_of(taken) is taken.draft, "and used as it is"


def test_nothing_is_drafted_once_the_wave_is_answered(shop):
    turns, jobs = _read(shop, 5)
    assert _drafted(turns, _Waves(committing=False), jobs) == [False] * 5


def test_of_large_messages_few_are_drafted_ahead(shop, monkeypatch):
    turns, jobs = _read(shop, 5)
    size = len(drafting.draft_of(jobs[0]).body)
    monkeypatch.setattr(drafting, "_BYTES_AHEAD", 2 * size)
    assert _drafted(turns, _Waves(committing=True), jobs)[:3] == [True, True, False]


def test_a_draft_that_waited_is_made_anew_with_the_time_at_which_it_goes_out(shop):
    _turns, (job,) = _read(shop, 1)
    old = drafting.draft_of(job)
    job.drafted_at -= drafting.FRESH + 1
    assert drafting.draft_of(job) is not old


def test_a_message_that_expires_while_its_draft_waits_is_not_sent(shop):
    _turns, (job,) = _read(shop, 1)
    drafting.draft_of(job)
    job.drafted_at -= drafting.FRESH + 1
    Delivery.objects.update(started_at="2026-01-01T00:00:00Z")
    job.leased.mailing = mailing(Delivery.objects.select_related("newsletter__account", "database").get())
    ended = drafting.draft_of(job)
    assert isinstance(ended, Outcome)
    assert ended.status == "expired"


def test_a_person_who_is_gone_is_left_to_whoever_takes_the_job(shop):
    turns, jobs = _read(shop, 3)
    jobs[1].values = None
    assert _drafted(turns, _Waves(committing=True), jobs) == [True, False, True]


def test_what_waits_for_the_rate_of_its_domain_holds_no_draft(shop):
    turns, jobs = _read(shop, 5)
    assert _drafted(turns, _Waves(committing=True), jobs) == [True] * 5
    turns.obey({f"newsletter:{shop.pk}:to.example": 60})
    assert turns.take_waiting() is None
    assert [job.draft for job in jobs] == [None] * 5
    turns.admit({f"newsletter:{shop.pk}:to.example": 5})
    assert _drafted(turns, _Waves(committing=True), jobs) == [False] * 5, "it may have to wait again"
