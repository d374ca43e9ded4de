"""Reference 1: a line closed at the log-in is no refusal, and a poll gets through where connections are shed."""

import pytest

from deliveries.models import SftpSpace
from tests.runs.rows import ended_well


@pytest.mark.parametrize("knob", ["sheds", "drops_log_ins"])
def test_a_poll_reaches_its_space_through_a_flood(client, bad, knob):
    setattr(bad.knobs, knob, 3)
    client.bundle()
    client.poll()
    ended_well(client, 3)
    assert SftpSpace.objects.get().consecutive_errors == 0


@pytest.mark.sentence("1.3-24")
def test_a_line_closed_at_the_log_in_never_counts_as_a_refusal(client, bad):
    bad.knobs.drops_log_ins = 1_000
    for _ in range(4):
        client.poll()
    space = SftpSpace.objects.get()
    assert (space.last_error_code, space.paused_at, space.consecutive_errors) == ("SFTP_CUT", None, 4)
    assert "without an answer to the log-in" in space.last_error


def test_a_wrong_password_is_asked_once_a_poll_and_pauses_after_three(client, bad):
    SftpSpace.objects.update(password=b"")
    for polls in range(1, 4):
        client.poll()
        assert len(bad.seen.passwords) == polls
    assert SftpSpace.objects.get().paused_at is not None
