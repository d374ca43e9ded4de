"""What people do with a space on its page: pause, resume, poll now, pin the key that was shown (reference 9)."""

import pytest
from django.core.signing import Signer
from django.utils import timezone
from django_q.models import OrmQ

from deliveries.intake.polling import space_health
from deliveries.intake.sftp.errors import HostKeyChanged
from deliveries.models import Activity, SftpSpace

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def act(mine, signed_in):
    """Do something with the space; returns the page that follows."""
    client = signed_in(mine.account, "account_admin")

    def send(name, **fields):
        page = f"/admin/deliveries/sftpspace/{mine.space.pk}/{name}/"
        shown = client.post(page, fields, follow=True).content.decode()
        mine.space.refresh_from_db()
        return shown

    return send


def verbs(space):
    return list(Activity.objects.filter(space=space).order_by("id").values_list("verb", flat=True))


def test_a_space_is_paused_and_resumed_and_each_is_told_once(mine, act):
    for _ in range(2):
        act("pause")
        assert mine.space.paused_at is not None
    for _ in range(2):
        act("resume")
        assert mine.space.paused_at is None
    assert verbs(mine.space) == ["space paused", "space resumed"]


def test_a_space_is_polled_now_unless_a_poll_waits_or_it_is_paused(mine, act):
    assert "is being polled." in act("poll-now")
    assert "is being polled already" in act("poll-now")
    SftpSpace.objects.filter(pk=mine.space.pk).update(queued_at=None, paused_at=timezone.now())
    assert "or is paused" in act("poll-now")
    assert (OrmQ.objects.count(), verbs(mine.space)) == (1, ["space polled"])


@pytest.mark.parametrize("superuser", [True, False])
def test_a_space_of_the_bundled_server_shows_how_clients_reach_it(mine, signed_in, settings, superuser):
    settings.SFTP_PORT = 2345
    client = signed_in(mine.account, "account_admin", superuser=superuser)
    page = f"/admin/deliveries/sftpspace/{mine.space.pk}/change/"
    reached = f"sftp -P 2345 {mine.space.username}@127.0.0.1"
    assert reached not in client.get(page).content.decode()
    SftpSpace.objects.filter(pk=mine.space.pk).update(embedded=True)
    answer = client.get(page)
    assert reached in answer.content.decode()
    assert not {"host", "port", "embedded"} & set(answer.context["adminform"].form.fields)


def pinned(act, mine, key=KEY):
    return act("pin", key=Signer(salt="host key that was shown").sign_object([mine.space.pk, key]))


def test_the_key_that_was_shown_is_pinned_and_no_other(mine, act):
    assert "not the key that was shown" in act("pin", key=KEY)
    assert (mine.space.host_key, verbs(mine.space)) == ("", [])
    assert "The key is pinned" in pinned(act, mine)
    assert (mine.space.host_key, verbs(mine.space)) == (KEY, ["space key pinned"])


def test_the_bundled_server_keeps_its_own_key(mine, act):
    SftpSpace.objects.filter(pk=mine.space.pk).update(embedded=True)
    pinned(act, mine)
    assert (mine.space.host_key, verbs(mine.space)) == ("", [])


@pytest.mark.parametrize("kept", ["", KEY.replace("AAAA", "BBBB")])
def test_pinning_a_key_ends_the_pause_that_its_change_brought(mine, act, kept):
    SftpSpace.objects.filter(pk=mine.space.pk).update(host_key=kept)
    space_health.failed(mine.space, HostKeyChanged("HOST_KEY_CHANGED", "shows another key"))
    assert mine.space.paused_at is not None
    assert "the space is polled with it" in pinned(act, mine)
    assert mine.space.paused_at is None
    assert mine.space.next_poll_at <= timezone.now()
    assert verbs(mine.space) == ["space paused", "space key pinned", "space resumed"]


def test_pinning_a_key_leaves_a_space_paused_that_an_operator_paused(mine, act):
    act("pause")
    assert "stays paused until you resume it" in pinned(act, mine)
    assert mine.space.paused_at is not None
    assert verbs(mine.space) == ["space paused", "space key pinned"]
