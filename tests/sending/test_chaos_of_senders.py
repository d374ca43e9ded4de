"""The proof of exact sending (reference 5.3): `make chaos` is the long form, with a seed."""

import os
import sys

import pytest

from tests.sending.chaos import Chaos, crash_of
from xmld_project import environment
from xmld_project.standalone.postgres.available import EmbeddedDatabase


def test_nobody_is_lost_or_written_to_twice_however_often_senders_are_killed(senders, smtp, shop):
    chaos = Chaos(shop, smtp, senders, seed=1, people=1_200, kills=6)
    chaos.live_through()
    assert chaos.did["kills"] >= 3


def test_the_proof_finds_a_sender_that_sends_the_dot_before_its_intent_is_committed(senders, smtp, shop):
    senders.program = ("-m", "tests.sending.wrong_order")
    chaos = Chaos(shop, smtp, senders, seed=2, people=1_500, kills=12, patience=1)
    with pytest.raises(AssertionError, match=r"got [2-9] copies"):
        chaos.live_through()


@pytest.mark.long
@pytest.mark.timeout(3_000)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # PostgreSQL outlives who restarted it
def test_the_proof_in_its_long_form(senders, smtp, shop, capsys):
    seed, people, kills = (
        int(os.environ.get(name, default))
        for name, default in (("CHAOS_SEED", "1"), ("CHAOS_MESSAGES", "20000"), ("CHAOS_KILLS", "100"))
    )
    embedded = EmbeddedDatabase(environment.read())
    embedded.ensure_running()
    try:
        table = Chaos(shop, smtp, senders, seed, people, kills, crash=crash_of(embedded)).live_through()
    finally:
        embedded.release()
    with capsys.disabled():
        sys.stdout.write(f"\n{table}\n")
