"""The files of a user name of the bundled SFTP server go to no other account with it."""

import shutil
import threading

import pytest

from deliveries import sftp_usernames, vault
from deliveries.intake.sftp import target
from deliveries.intake.sftp.errors import LoginRefused
from deliveries.models import SftpSpace
from recipients.models import Account
from tests.standalone.bundled import OWN, log_in


@pytest.fixture
def other(space):
    """A space of another account that takes the first one's user name once that is given up."""

    def take():
        SftpSpace.objects.filter(pk=space.pk).update(username="renamed")
        return SftpSpace.objects.create(
            account=Account.objects.get_or_create(name="Other")[0],
            name="taker",
            embedded=True,
            username="shop",
            password=vault.seal("theirs"),
        )

    return take


def test_another_account_that_takes_the_name_gets_nothing_by_it(host_keys, tmp_path, space, other):
    assert log_in(host_keys, tmp_path, password="right") == {"a.csv"}
    other()
    assert log_in(host_keys, tmp_path, password="theirs") == "refused"
    assert log_in(host_keys, tmp_path, password=OWN) == "refused"
    assert log_in(host_keys, tmp_path, username="renamed", password="right") == {"a.csv"}
    assert {path.name for path in tmp_path.iterdir()} == {"shop", "renamed", ".owners"}


def test_the_same_account_finds_its_files_again_under_the_name(host_keys, tmp_path, space):
    log_in(host_keys, tmp_path, password="right")
    (tmp_path / "shop" / "b.csv").touch()
    SftpSpace.objects.filter(pk=space.pk).update(username="renamed")
    again = SftpSpace(account=space.account, name="again", embedded=True, username="shop", password=space.password)
    again.save()
    assert log_in(host_keys, tmp_path, password="right") == {"a.csv", "b.csv"}


def test_a_name_that_nobody_has_entered_by_is_free(host_keys, tmp_path, space, other):
    other()
    assert log_in(host_keys, tmp_path, password="theirs") == {"a.csv"}


def test_a_session_that_comes_late_does_not_enter_what_another_has_taken(host_keys, tmp_path, space, monkeypatch):
    real = sftp_usernames.may_use
    taken = []

    def judged_just_before(spaces, username, account_id):
        answer = real(spaces, username, account_id)
        taken.append(sftp_usernames.claim(spaces, username, account_id + 1))
        return answer

    monkeypatch.setattr(sftp_usernames, "may_use", judged_just_before)
    assert log_in(host_keys, tmp_path, password="right") == "hung up on"
    assert taken == [True]
    assert not (tmp_path / "shop").exists()


def test_of_many_who_claim_a_name_at_once_one_has_it(tmp_path):
    start, won = threading.Barrier(8), []

    def claim(account_id):
        start.wait()
        if sftp_usernames.claim(tmp_path, "shop", account_id):
            won.append(account_id)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert [path.name for path in (tmp_path / ".owners").iterdir()] == ["shop"]
    assert (tmp_path / ".owners" / "shop").read_text() == f"{won[0]}\n"


def test_folders_from_before_go_to_who_has_their_name_and_the_others_to_nobody(tmp_path):
    for name in ("kept", "left", "known"):
        (tmp_path / name).mkdir()
    sftp_usernames.claim(tmp_path, "known", 3)
    assert sftp_usernames.adopt(tmp_path, {"kept": 1, "known": 4, "new": 5}) == ["left"]
    assert sftp_usernames.adopt(tmp_path, {"left": 9}) == []
    assert [sftp_usernames.may_use(tmp_path, "kept", number) for number in (1, 2)] == [True, False]
    assert [sftp_usernames.may_use(tmp_path, "known", number) for number in (3, 4)] == [True, False]
    assert not any(sftp_usernames.may_use(tmp_path, "left", number) for number in (1, 9))
    assert sftp_usernames.may_use(tmp_path, "new", 6)


def test_a_mark_that_can_not_be_read_lets_nobody_in(tmp_path):
    sftp_usernames.claim(tmp_path, "shop", 1)
    (tmp_path / ".owners" / "shop").write_bytes(b"")
    assert not sftp_usernames.may_use(tmp_path, "shop", 1)
    assert not sftp_usernames.claim(tmp_path, "shop", 1)


@pytest.mark.parametrize("name", ["", ".owners", "../shop", "a/b", "a\0b", "x" * 256, "é" * 128])
def test_a_name_that_is_no_folder_of_its_own_is_none(name):
    assert not sftp_usernames.is_possible(name)
    assert not sftp_usernames.is_taken(name, 1)


@pytest.fixture
def state(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    (tmp_path / "sftp").mkdir()
    return tmp_path


def test_a_taken_name_is_told_before_it_is_given_and_at_each_poll(state, space, other):
    assert not sftp_usernames.is_taken("shop", space.account_id)
    sftp_usernames.claim(state / "sftp", "shop", space.account_id)
    taker = other()
    assert not sftp_usernames.is_taken("shop", space.account_id)
    assert sftp_usernames.is_taken("shop", taker.account_id)
    with pytest.raises(LoginRefused, match="the user name shop of the bundled server was another account's"):
        target.target_of(taker)


def test_a_poll_enters_with_the_products_own_password_once_there_is_one(state, space):
    assert target.target_of(space).password == "right"
    (state / "secrets").mkdir()
    (state / "secrets" / "sftp_polls").write_text(OWN)
    assert target.target_of(space).password == OWN


@pytest.mark.whole
@pytest.mark.xdist_group("product-places")
def test_a_state_folder_of_a_version_without_marks_gets_them_at_the_start(another_product):
    product = another_product().start()
    product.wait_for_run("welcome.xml")
    product.stop()
    shutil.rmtree(product.state / "sftp" / ".owners")
    (product.state / "sftp" / "left").mkdir()
    product.start()
    assert f"{product.state}/sftp/left is not a space's" in product.console
    marks = {path.name: path.read_text() for path in (product.state / "sftp" / ".owners").iterdir()}
    assert marks == {"demo": "1\n", "left": "0\n"}
    with product.sftp() as client:
        assert "welcome.xml" in client.listdir("/")
