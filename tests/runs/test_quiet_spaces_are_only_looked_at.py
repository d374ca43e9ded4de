"""Reference 1: a space on which nothing lies costs a look over a kept connection; all else is a poll."""

import pytest
from django_q.models import OrmQ

from deliveries import clock
from deliveries.intake.polling import entry
from deliveries.intake.polling.looks import Looks
from deliveries.models import SftpSpace
from tests.waiting import wait_for


@pytest.fixture
def looks():
    looks = Looks()
    yield looks
    looks.close()


@pytest.fixture
def quiet(client, bad):
    """A space that was polled well, due again."""
    client.poll()
    bad.seen.connections = 0
    return client


def look(looks, client):
    SftpSpace.objects.update(queued_at=None)
    looks.begin([client.space.pk])

    def collected():
        looks.collect()
        return not looks.under_way

    wait_for(collected, "the look")
    return OrmQ.objects.count()


@pytest.mark.sentence("1.3-21")
def test_looks_keep_one_connection_and_queue_nothing(quiet, bad, looks):
    before = SftpSpace.objects.get()
    assert [look(looks, quiet) for _ in range(3)] == [0, 0, 0]
    after = SftpSpace.objects.get()
    assert (bad.seen.connections, looks.kept) == (1, {quiet.space.pk})
    assert after.last_ok_at > before.last_ok_at
    assert after.next_poll_at > before.last_poll_at
    assert after.queued_at is None


@pytest.mark.sentence("1.3-22")
def test_a_connection_that_died_is_made_anew_without_a_word(quiet, bad, looks):
    look(looks, quiet)
    looks._kept[quiet.space.pk].close()
    assert look(looks, quiet) == 0
    assert bad.seen.connections == 2


@pytest.mark.sentence("1.3-23")
def test_a_semaphore_is_a_poll_over_the_only_connection(quiet, looks):
    look(looks, quiet)
    quiet.bundle()
    assert look(looks, quiet) == 1
    assert looks.kept == set()
    quiet.poll()
    assert quiet.run().status == "SUCCESS"


def test_another_pinned_key_or_password_is_not_asked_over_the_old_connection(quiet, bad, looks):
    look(looks, quiet)
    SftpSpace.objects.update(host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA")
    assert look(looks, quiet) == 1
    assert looks.kept == set()


def test_a_server_that_went_away_is_left_to_a_poll_which_says_so(quiet, bad, looks):
    look(looks, quiet)
    SftpSpace.objects.update(port=1)
    assert look(looks, quiet) == 1


@pytest.mark.parametrize(
    "change", [{"last_error_code": "SFTP_CUT"}, {"last_ok_at": None}, {"lease_until": "2026-01-01T00:00Z"}]
)
def test_what_is_not_well_is_polled_at_once(quiet, looks, change):
    SftpSpace.objects.update(**change)
    looks.begin([quiet.space.pk])
    assert (looks.under_way, OrmQ.objects.count()) == (False, 1)


def test_a_run_that_waits_is_polled_at_once(quiet, looks):
    quiet.bundle(csv="email,nome,ordine\n")
    quiet.poll()
    quiet.run().__class__.objects.update(reported_at=None)
    looks.begin([quiet.space.pk])
    assert OrmQ.objects.count() == 1


def test_beyond_the_bound_connections_are_not_kept(quiet, bad):
    looks = Looks(most_kept=0)
    look(looks, quiet)
    look(looks, quiet)
    looks.close()
    assert (bad.seen.connections, looks.kept) == (2, set())


@pytest.mark.sentence("1.3-25")
@pytest.mark.parametrize("by_hand", [False, True])
def test_an_embedded_space_is_left_to_those_beside_its_server(account, by_hand):
    space = SftpSpace.objects.create(account_id=account["account"], name="inbox", embedded=True, username="demo")
    SftpSpace.objects.update(queued_at="2026-01-01T00:00Z")
    if by_hand:
        with pytest.raises(entry.ServiceError, match="another machine"):
            entry.poll_now(space.pk, 1)
    else:
        assert "another machine" in entry.poll(space.pk)
    space.refresh_from_db()
    assert (space.paused_at, space.queued_at, space.last_error_code) == (None, None, "")
    assert clock.enqueue_due() == 1


def test_that_nobody_can_ask_an_embedded_space_is_said_after_a_while(account):
    space = SftpSpace.objects.create(account_id=account["account"], name="inbox", embedded=True, username="demo")
    SftpSpace.objects.update(last_poll_at="2026-01-01T00:00Z")
    entry.poll(space.pk)
    space.refresh_from_db()
    assert (space.last_error_code, space.paused_at) == ("SFTP_ELSEWHERE", None)
